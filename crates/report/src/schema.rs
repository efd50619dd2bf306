//! The schema of `report.json`, derived from the types that it is written from: it cannot say anything else than they do.
//!
//! It is kept in `docs/schema`, for readers who have no Rust; a test holds the file against what is derived.

use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use serde_json::Value;

use crate::Report;

const ID: &str = "https://github.com/affiant/affiant/blob/main/docs/schema/report.v1.schema.json";

/// What a report holds, as JSON Schema (2020-12).
pub fn schema() -> Schema {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let generator = settings.with_transform(RecursiveTransform(as_written)).into_generator();
    let mut schema = generator.into_root_schema_for::<Report<'static>>();
    schema.insert("$id".to_owned(), ID.into());
    schema.insert("title".to_owned(), "affiant report, version 1".into());
    schema
}

/// What is never written is not allowed: a field that can be left out is not null instead. Left out are the widths of
/// numbers, which are Rust's own words, and what a reader of Rust assumes for a field that is missing.
fn as_written(schema: &mut Schema) {
    schema.remove("default");
    if let Some(Value::String(text)) = schema.get_mut("description") {
        // Where a line of a comment was full is no matter of a reader's.
        *text = text.split("\n\n").map(|p| p.replace('\n', " ")).collect::<Vec<_>>().join("\n\n");
    }
    let rusts =
        |f: &Value| f.as_str().is_some_and(|f| f.starts_with(['u', 'i']) && f.ends_with(char::is_numeric));
    if schema.get("format").is_some_and(|f| f == "double" || f == "uint" || rusts(f)) {
        schema.remove("format");
    }
    let required: Vec<Value> = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let Some(Value::Object(properties)) = schema.get_mut("properties") else { return };
    for (name, property) in properties {
        if !required.iter().any(|r| r == name) {
            not_null(property);
        }
    }
}

fn not_null(property: &mut Value) {
    let Some(property) = property.as_object_mut() else { return };
    if let Some(Value::Array(types)) = property.get_mut("type") {
        types.retain(|t| t != "null");
        if let [one] = types.as_slice() {
            let one = one.clone();
            property.insert("type".to_owned(), one);
        }
    }
    if let Some(Value::Array(any)) = property.get_mut("anyOf") {
        any.retain(|s| s.get("type").is_none_or(|t| t != "null"));
        if let [Value::Object(one)] = any.as_slice() {
            let one = one.clone();
            property.remove("anyOf");
            property.extend(one);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// Its name in the environment: write the file instead of holding it against what is derived.
    const UPDATE: &str = "AFFIANT_UPDATE";

    #[test]
    fn the_file_is_what_is_derived() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema/report.v1.schema.json");
        let derived = format!("{}\n", serde_json::to_string_pretty(&schema()).unwrap());
        if std::env::var_os(UPDATE).is_some() {
            std::fs::write(&path, &derived).unwrap();
        }
        let written = std::fs::read_to_string(&path).unwrap();
        assert!(
            written == derived,
            "docs/schema/report.v1.schema.json is not what the types of the report say; write it again: \
             {UPDATE}=1 cargo test -p affiant-report schema"
        );
    }

    #[test]
    fn what_can_be_left_out_is_never_null_and_everything_is_described() {
        let schema = serde_json::to_value(schema()).unwrap();
        let blob = &schema["$defs"]["Evidence"]["properties"]["blob"];
        assert_eq!(blob["$ref"], "#/$defs/Digest");
        assert_eq!(schema["$defs"]["Evidences"]["minItems"], 1);
        let status = &schema["$defs"]["Sent"]["properties"]["status"];
        assert_eq!((&status["type"], status.get("format")), (&Value::from("integer"), None));
        let mut silent = vec![];
        for (name, of) in schema["$defs"].as_object().unwrap() {
            let properties = of.get("properties").and_then(Value::as_object);
            let fields = properties.into_iter().flatten().filter(|(_, p)| p.get("description").is_none());
            silent.extend(fields.map(|(field, _)| format!("{name}.{field}")));
        }
        assert!(silent.is_empty(), "fields without a word of documentation: {silent:?}");
    }
}

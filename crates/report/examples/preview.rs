//! Writes the report of a hand-made audit, to be looked at: `preview nothing|one|shop|large FOLDER`.

use std::error::Error;
use std::fs;
use std::path::Path;

use affiant_report::{Report, html, terminal, testing};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [case, folder] = args.as_slice() else { return Err("preview nothing|one|shop|large FOLDER".into()) };
    let folder = Path::new(folder);
    fs::create_dir_all(folder)?;
    let fixture = match case.as_str() {
        "nothing" => testing::nothing(folder)?,
        "one" => testing::one(folder)?,
        "shop" => testing::shop(folder)?,
        "large" => testing::large(folder)?,
        other => return Err(format!("no audit is called '{other}'").into()),
    };
    let input = fixture.input();
    fs::write(folder.join("report.html"), html::render(&input)?)?;
    Report::new(&input).write_json(fs::File::create(folder.join("report.json"))?)?;
    fs::write(folder.join("summary.txt"), terminal::summary(&input, 100, true))?;
    Ok(())
}

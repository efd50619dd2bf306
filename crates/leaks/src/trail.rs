//! The way from what was sent to the value in it, and how it is written: `base64url(gzip(json($.e[3].v)))`.

/// A step inwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Something was undone: the name of what had been done.
    Undone(String),
    /// A part was taken: of what, and which.
    Part(&'static str, String),
}

/// The steps so far: each knows the one before.
#[derive(Debug, Clone, Copy)]
pub struct Trail<'a> {
    before: Option<&'a Trail<'a>>,
    step: Option<&'a Step>,
    /// Steps that undid something.
    pub(crate) layers: usize,
    /// All steps.
    pub(crate) depth: usize,
}

impl<'a> Trail<'a> {
    /// Of what was sent itself.
    pub(crate) const START: Trail<'static> = Trail { before: None, step: None, layers: 0, depth: 0 };

    /// One step further.
    pub(crate) fn then<'b>(&'b self, step: &'b Step) -> Trail<'b>
    where
        'a: 'b,
    {
        let undone = matches!(step, Step::Undone(_));
        Trail {
            before: Some(self),
            step: Some(step),
            layers: self.layers + usize::from(undone),
            depth: self.depth + 1,
        }
    }

    /// The whole as a formula around what was found at its end: outermost first.
    pub(crate) fn around(&self, inner: &str) -> String {
        let mut out = inner.to_owned();
        let mut at = Some(self);
        while let Some(trail) = at {
            match trail.step {
                Some(Step::Undone(name)) => out = format!("{name}({out})"),
                Some(Step::Part(of, which)) if out == VALUE => out = format!("{of}({which})"),
                Some(Step::Part(of, which)) => out = format!("{of}({which}: {out})"),
                None => {}
            }
            at = trail.before;
        }
        out
    }
}

/// The value as it was typed.
pub(crate) const VALUE: &str = "value";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas() {
        let steps = [
            Step::Undone("base64url".into()),
            Step::Undone("gzip".into()),
            Step::Part("json", "$.e[3].v".into()),
        ];
        let a = Trail::START.then(&steps[0]);
        let b = a.then(&steps[1]);
        let c = b.then(&steps[2]);
        assert_eq!(c.around(VALUE), "base64url(gzip(json($.e[3].v)))");
        assert_eq!(c.around("hex(md5(value))"), "base64url(gzip(json($.e[3].v: hex(md5(value)))))");
        assert_eq!((c.layers, c.depth), (2, 3));
    }
}

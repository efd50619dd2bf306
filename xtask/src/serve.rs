//! `serve`: the third command. Build affiant with optimisation, then serve its web pages.

use crate::built;
use anyhow::Result;

/// Gives the exit code.
pub(crate) fn serve(flags: &[String]) -> Result<u8> {
    let mut affiant = built::affiant()?;
    affiant.arg("serve").args(flags);
    Ok(u8::try_from(built::code(&mut affiant)?).unwrap_or(101))
}

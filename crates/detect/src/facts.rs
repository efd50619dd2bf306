//! What detection says of a visit: the input of every rule. Observed facts and names, no judgement. A file a family.

mod behaviour;
mod consent;
mod contents;
mod cookies;
mod network;
mod page;
mod probe;
mod requests;
mod text;
mod vendors;
mod visit;

pub use affiant_signals::{InputKind, PageKind, Said, Standard};
pub use behaviour::{ApiUseFact, ListenerFact, StoredFact};
pub use consent::{BannerFact, ChoiceFact, DeclarationFact, LayerFact, StateFact};
pub use contents::{ContentFact, ContentFacts, ContentKind, ContentLeak};
pub use cookies::{CookieFact, SentCookieFact};
pub use network::{NameFact, NetworkFacts, ServerSideFact};
pub use page::{InputFact, PageKindFact, ScreenshotFact};
pub use probe::{LeakFact, LeakSearch, PreventedFact, ProbeFacts, RecordingFact, TypedFact};
pub use requests::{Cause, Party, RequestFact, SignalFact, TagFact};
pub use text::Text;
pub use vendors::{Class, VendorRef};
pub use visit::{Marks, VisitFacts};

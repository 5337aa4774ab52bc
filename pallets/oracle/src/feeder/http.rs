//! Fetching: every request is started before any is waited for, all share one deadline, and no
//! answer is read further than it may be long.

use crate::types::Source;
use alloc::vec::Vec;
use sp_core::offchain::{Duration, Timestamp};
use sp_runtime::offchain::http::{PendingRequest, Request, Response};

/// How long all sources together have to answer in full, in milliseconds.
pub const FETCH_DEADLINE: u64 = 2_000;
/// The longest answer, in bytes.
pub const MAX_BODY: usize = 64 * 1024;

/// Why a source gave nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchError {
	/// The request could not be started.
	NotStarted,
	/// No answer, or not all of it, before the deadline.
	Slow,
	/// The connection failed.
	Broken,
	/// The answer's status is not 200.
	Status(u16),
	/// The answer is longer than [`MAX_BODY`].
	TooLong,
}

/// Fetches all sources. One result for each, in their order.
pub fn fetch_all(sources: &[Source]) -> Vec<Result<Vec<u8>, FetchError>> {
	let deadline = sp_io::offchain::timestamp().add(Duration::from_millis(FETCH_DEADLINE));
	let started: Vec<Option<PendingRequest>> =
		sources.iter().map(|source| start(source, deadline)).collect();
	let mut results = Vec::new();
	let mut pending = Vec::new();
	for request in started {
		results.push(Err(if request.is_some() {
			FetchError::Slow
		} else {
			FetchError::NotStarted
		}));
		pending.extend(request);
	}
	let mut answers = PendingRequest::try_wait_all(pending, deadline).into_iter();
	for result in results.iter_mut().filter(|result| **result == Err(FetchError::Slow)) {
		*result = match answers.next() {
			Some(Ok(Ok(response))) => read_body(&response, deadline),
			Some(Ok(Err(_))) => Err(FetchError::Broken),
			Some(Err(_)) | None => Err(FetchError::Slow),
		};
	}
	results
}

fn start(source: &Source, deadline: Timestamp) -> Option<PendingRequest> {
	let url = core::str::from_utf8(&source.url).ok()?;
	Request::get(url)
		.add_header("accept", "application/json")
		.add_header("user-agent", "plimsoll-feeder")
		.deadline(deadline)
		.send()
		.ok()
}

fn read_body(response: &Response, deadline: Timestamp) -> Result<Vec<u8>, FetchError> {
	if response.code != 200 {
		return Err(FetchError::Status(response.code));
	}
	let mut reader = response.body();
	reader.deadline(deadline);
	// One byte more than allowed shows that there is more, whatever the headers say.
	let body: Vec<u8> = reader.by_ref().take(MAX_BODY.saturating_add(1)).collect();
	if body.len() > MAX_BODY {
		return Err(FetchError::TooLong);
	}
	match reader.error() {
		None => Ok(body),
		Some(sp_core::offchain::HttpError::DeadlineReached) => Err(FetchError::Slow),
		Some(_) => Err(FetchError::Broken),
	}
}

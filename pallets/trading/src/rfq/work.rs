//! What requests weigh.

use crate::{weights::WeightInfo, Config, Pallet};
use frame_support::{traits::Get, weights::Weight};
use plimsoll_primitives::Clearing;

/// What taking an answer was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Accepted {
	/// The legs that traded.
	pub legs: u32,
	/// The answers that went with the request.
	pub answers: u32,
}

impl<T: Config> Pallet<T> {
	/// What so many answers add that go with their request.
	fn answers_weight(answers: u32) -> Weight {
		T::WeightInfo::cancel_request(answers).saturating_sub(T::WeightInfo::cancel_request(0))
	}

	/// The most that taking an answer weighs.
	pub(crate) fn accept_weight() -> Weight {
		let (legs, answers) = (T::MaxLegs::get(), T::MaxAnswers::get());
		Self::accepted_weight(Accepted { legs, answers })
	}

	/// What it has weighed.
	pub(crate) fn accepted_weight(done: Accepted) -> Weight {
		// The switches of both are looked at.
		T::WeightInfo::accept_answer(done.legs)
			.saturating_add(T::WeightInfo::note_seen().saturating_mul(2))
			.saturating_add(T::Clearing::clear_surcharge())
			.saturating_add(Self::answers_weight(done.answers))
	}

	/// What cancelling a request with so many answers weighs.
	pub(crate) fn cancel_request_weight(answers: u32) -> Weight {
		T::WeightInfo::cancel_request(answers).saturating_add(T::WeightInfo::note_seen())
	}

	/// What sweeping so many requests weighs that have so many answers together.
	pub(crate) fn swept_weight(requests: u32, answers: u32) -> Weight {
		T::WeightInfo::sweep_requests(requests).saturating_add(Self::answers_weight(answers))
	}

	/// The most that sweeping so many requests weighs.
	pub(crate) fn sweep_requests_weight(requests: u32) -> Weight {
		let answers = Self::answers_weight(T::MaxAnswers::get());
		T::WeightInfo::sweep_requests(requests)
			.saturating_add(answers.saturating_mul(u64::from(requests)))
	}
}

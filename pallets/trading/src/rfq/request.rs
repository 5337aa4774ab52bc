//! Asking, and how a request ends without a trade.

use super::{Request, RequestId, RequestLeg, RequestTerms};
use crate::{
	order::CancelCause, Answers, Config, Error, Event, HoldReason, NextRequestId, Pallet, Requests,
	RequestsOf,
};
use frame_support::{
	ensure,
	traits::{fungible::MutateHold, tokens::Precision, Get},
};
use plimsoll_primitives::SubAccountId;
use sp_runtime::{traits::Saturating, DispatchError, DispatchResult, SaturatedConversion};

impl<T: Config> Pallet<T> {
	/// Opens a request of `account`.
	pub(crate) fn do_request_quote(
		account: SubAccountId<T::AccountId>,
		terms: RequestTerms<T>,
	) -> DispatchResult {
		Self::ensure_request_legs(&terms.legs)?;
		let now = frame_system::Pallet::<T>::block_number();
		ensure!(terms.expiry_block >= now, Error::<T>::RequestExpired);
		// Exact: the expiry isn't before `now`.
		let lifetime = terms.expiry_block.saturating_sub(now);
		ensure!(lifetime <= T::MaxQuoteLifetime::get(), Error::<T>::ExpiryTooFar);
		let id = NextRequestId::<T>::get();
		NextRequestId::<T>::put(id.checked_add(1).ok_or(Error::<T>::TooLarge)?);
		RequestsOf::<T>::try_mutate(&account, |requests| requests.try_push(id))
			.map_err(|_| Error::<T>::TooManyRequests)?;
		let deposit = T::QuoteDeposit::get();
		T::Currency::hold(&HoldReason::Quote.into(), &account.owner, deposit)?;
		let request =
			Request { account: account.clone(), terms: terms.clone(), deposit, answers: 0 };
		Requests::<T>::insert(id, request);
		Self::deposit_event(Event::QuoteRequested { request: id, account, terms });
		Ok(())
	}

	/// Whether there are legs, each on its own instrument and in a size that trades.
	pub(crate) fn ensure_request_legs(legs: &[RequestLeg]) -> DispatchResult {
		Self::ensure_distinct(legs.iter().map(|leg| &leg.instrument))?;
		for leg in legs {
			Self::ensure_size(&leg.instrument, leg.size)?;
		}
		Ok(())
	}

	/// Cancels a request for one who may trade for its account. Returns how many answers it had.
	pub(crate) fn do_cancel_request(
		who: &T::AccountId,
		id: RequestId,
	) -> Result<u32, DispatchError> {
		let request = Requests::<T>::get(id).ok_or(Error::<T>::UnknownRequest)?;
		Self::ensure_trades_for(who, &request.account)?;
		Self::end_request(id, request, CancelCause::Requested)
	}

	/// Cancels those of `requests` that no answer can be taken of any more; fails where there is none.
	/// Returns how many answers they had.
	pub(crate) fn do_sweep_requests(requests: &[RequestId]) -> Result<u32, DispatchError> {
		let (mut answers, mut has_swept) = (0u32, false);
		for id in requests {
			let Some(request) = Requests::<T>::get(id) else { continue };
			let Some(cause) = Self::end_of_request(&request) else { continue };
			answers = answers.saturating_add(Self::end_request(*id, request, cause)?);
			has_swept = true;
		}
		ensure!(has_swept, Error::<T>::NothingToSweep);
		Ok(answers)
	}

	/// Why no answer to the request can be taken any more, if so.
	pub(crate) fn end_of_request(request: &Request<T>) -> Option<CancelCause> {
		if request.terms.expiry_block < frame_system::Pallet::<T>::block_number() {
			return Some(CancelCause::Expired);
		}
		let is_dead = Self::ensure_request_legs(&request.terms.legs).is_err();
		is_dead.then_some(CancelCause::NotTradable)
	}

	/// Ends a request without a trade.
	pub(crate) fn end_request(
		id: RequestId,
		request: Request<T>,
		cause: CancelCause,
	) -> Result<u32, DispatchError> {
		let answers = Self::forget_request(id, &request)?;
		let account = request.account;
		Self::deposit_event(Event::RequestCancelled { request: id, account, cause });
		Ok(answers)
	}

	/// Forgets a request and its answers and gives all deposits back. Returns how many answers there
	/// were, at most [`Config::MaxAnswers`].
	pub(crate) fn forget_request(
		id: RequestId,
		request: &Request<T>,
	) -> Result<u32, DispatchError> {
		Requests::<T>::remove(id);
		RequestsOf::<T>::mutate_exists(&request.account, |requests| {
			if let Some(ids) = requests {
				ids.retain(|of| *of != id);
			}
			*requests = requests.take().filter(|ids| !ids.is_empty());
		});
		Self::release_quote_deposit(&request.account, request.deposit)?;
		let mut answers = 0u32;
		let most = T::MaxAnswers::get().saturated_into();
		for (maker, answer) in Answers::<T>::drain_prefix(id).take(most) {
			Self::release_quote_deposit(&maker, answer.deposit)?;
			answers = answers.saturating_add(1);
		}
		Ok(answers)
	}

	/// Gives the deposit of a request or of an answer back, whatever became of the owner's funds.
	pub(crate) fn release_quote_deposit(
		account: &SubAccountId<T::AccountId>,
		deposit: crate::BalanceOf<T>,
	) -> DispatchResult {
		let reason = HoldReason::Quote.into();
		T::Currency::release(&reason, &account.owner, deposit, Precision::BestEffort)?;
		Ok(())
	}

	/// Whether `who` may trade for `account`, which is noted as a sign of life.
	pub(crate) fn ensure_trades_for(
		who: &T::AccountId,
		account: &SubAccountId<T::AccountId>,
	) -> DispatchResult {
		use plimsoll_primitives::Clearing;
		ensure!(T::Clearing::may_trade(who, account), Error::<T>::NotAllowedToTrade);
		Self::note_seen(account);
		Ok(())
	}
}

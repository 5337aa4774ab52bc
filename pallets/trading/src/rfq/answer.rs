//! Answering, and how an answer goes.

use super::{Answer, AnswerEnd, AnswerTerms, LegPrices, Request, RequestId};
use crate::{Answers, Config, Error, Event, HoldReason, Pallet, Requests};
use alloc::vec::Vec;
use frame_support::{
	ensure,
	traits::{fungible::MutateHold, Get},
};
use plimsoll_primitives::{Clearing, Fill, OrderSide, SubAccountId};
use sp_runtime::{DispatchError, DispatchResult};

impl<T: Config> Request<T> {
	/// What trades, from the asking account's side, where it takes these prices.
	pub(crate) fn fills(
		&self,
		side: OrderSide,
		prices: &LegPrices<T>,
	) -> Result<Vec<Fill>, Error<T>> {
		let legs = &self.terms.legs;
		ensure!(legs.len() == prices.len(), Error::<T>::WrongNumberOfPrices);
		legs.iter()
			.zip(prices)
			.map(|(leg, price)| {
				let size = side.signed(leg.size).ok_or(Error::<T>::TooLarge)?;
				Ok(Fill { instrument: leg.instrument, size, price: *price })
			})
			.collect()
	}
}

impl<T: Config> Pallet<T> {
	/// Answers a request, or puts another answer in the place of the one that `maker` has given.
	pub(crate) fn do_answer_request(
		id: RequestId,
		maker: SubAccountId<T::AccountId>,
		terms: AnswerTerms<T>,
	) -> DispatchResult {
		let mut request = Requests::<T>::get(id).ok_or(Error::<T>::UnknownRequest)?;
		Self::ensure_may_answer(&request, &maker)?;
		Self::ensure_answer(&request, &terms)?;
		let deposit = match Answers::<T>::get(id, &maker) {
			Some(replaced) => replaced.deposit,
			None => {
				ensure!(request.answers < T::MaxAnswers::get(), Error::<T>::TooManyAnswers);
				let deposit = T::QuoteDeposit::get();
				T::Currency::hold(&HoldReason::Quote.into(), &maker.owner, deposit)?;
				// Below the most.
				request.answers = request.answers.saturating_add(1);
				Requests::<T>::insert(id, request);
				deposit
			}
		};
		Answers::<T>::insert(id, &maker, Answer { terms: terms.clone(), deposit });
		Self::deposit_event(Event::RequestAnswered { request: id, maker, terms });
		Ok(())
	}

	/// Whether `maker` is one that the request asks.
	fn ensure_may_answer(
		request: &Request<T>,
		maker: &SubAccountId<T::AccountId>,
	) -> DispatchResult {
		ensure!(*maker != request.account, Error::<T>::SelfTrade);
		let named = &request.terms.makers;
		ensure!(named.is_empty() || named.contains(&maker.owner), Error::<T>::NotNamedMaker);
		Ok(())
	}

	/// Whether the answer could be taken now, if the price band allows it then.
	fn ensure_answer(request: &Request<T>, terms: &AnswerTerms<T>) -> DispatchResult {
		let now = frame_system::Pallet::<T>::block_number();
		ensure!(request.terms.expiry_block >= now, Error::<T>::RequestExpired);
		ensure!(terms.valid_until >= now, Error::<T>::AnswerExpired);
		ensure!(terms.ask.is_some() || terms.bid.is_some(), Error::<T>::EmptyAnswer);
		ensure!(terms.bid.is_none() || request.terms.two_sided, Error::<T>::BidNotAsked);
		for (side, prices) in [(OrderSide::Buy, &terms.ask), (OrderSide::Sell, &terms.bid)] {
			let Some(prices) = prices else { continue };
			for fill in request.fills(side, prices)? {
				Self::ensure_within_terms(&fill)?;
			}
		}
		Ok(())
	}

	/// Takes an answer out: for one who may trade for the maker's or the asking account, and once it has
	/// expired, for anybody.
	pub(crate) fn do_withdraw_answer(
		who: &T::AccountId,
		id: RequestId,
		maker: SubAccountId<T::AccountId>,
	) -> DispatchResult {
		let answer = Answers::<T>::take(id, &maker).ok_or(Error::<T>::UnknownAnswer)?;
		let mut request = Requests::<T>::get(id).ok_or(Error::<T>::UnknownRequest)?;
		let cause = Self::answer_end(who, &request, &maker, &answer)?;
		request.answers = request.answers.saturating_sub(1);
		Requests::<T>::insert(id, request);
		Self::release_quote_deposit(&maker, answer.deposit)?;
		Self::deposit_event(Event::AnswerWithdrawn { request: id, maker, cause });
		Ok(())
	}

	/// As what `who` may take the answer out, which is a sign of life of the account that it does so for.
	fn answer_end(
		who: &T::AccountId,
		request: &Request<T>,
		maker: &SubAccountId<T::AccountId>,
		answer: &Answer<T>,
	) -> Result<AnswerEnd, DispatchError> {
		let now = frame_system::Pallet::<T>::block_number();
		if T::Clearing::may_trade(who, maker) {
			Self::note_seen(maker);
			Ok(AnswerEnd::Withdrawn)
		} else if answer.terms.valid_until < now {
			Ok(AnswerEnd::Expired)
		} else {
			Self::ensure_trades_for(who, &request.account)?;
			Ok(AnswerEnd::Dismissed)
		}
	}
}

//! Once a block, the funding and the marks of all perpetuals: read, brought up to chain time, written.

use crate::{
	funding::{FundingParams, PerpetualFunding, RefusedFunding, LONGEST_ACCRUAL},
	mark::RefusedMark,
	weights::WeightInfo,
	Config, Error, Event, Funding, FundingAt, FundingSettings, Instruments, Pallet, Underlyings,
};
use frame_support::{ensure, pallet_prelude::DispatchResult, weights::Weight};
use plimsoll_primitives::{
	BookQuotes, Contract, ImpactPrices, Instrument, Moment, Price, PriceOracle, UnderlyingId,
};

impl<T: Config> Pallet<T> {
	/// Brings all indices and marks up to chain time, which in a hook is the previous block's. Returns the weight
	/// used.
	pub(crate) fn accrue_funding() -> Weight {
		let (now, before) = (Self::now(), FundingAt::<T>::get());
		if now <= before {
			return T::WeightInfo::accrue_funding(0);
		}
		FundingAt::<T>::put(now);
		// Before the first timestamp there is no time to measure from.
		let elapsed = if before == 0 { 0 } else { now.saturating_sub(before) };
		let perpetuals = Funding::<T>::mutate(|all| {
			for funding in all.iter_mut() {
				Self::accrue(funding, elapsed);
			}
			u32::try_from(all.len()).unwrap_or(u32::MAX)
		});
		Self::accrual_weight(perpetuals)
	}

	/// One perpetual. Without a current price, or while it is halted, nothing accrues for this time, and
	/// never will: nobody could have traded on it, and what its book shows nobody could take. Its mark goes
	/// back to the oracle's price meanwhile.
	fn accrue(funding: &mut PerpetualFunding, elapsed: Moment) {
		let params = FundingSettings::<T>::get(funding.underlying);
		let market = Self::market_of(funding.underlying, &params);
		let sample = market.as_ref().and_then(|(impact, spot)| params.mark.sample(impact, *spot));
		if let Some((impact, spot)) = market {
			let counted = elapsed.min(LONGEST_ACCRUAL);
			if let Some(after) = funding.accrued(&params, &impact, spot, counted) {
				*funding = after;
			}
		}
		funding.mark_premium = params.mark.followed(funding.mark_premium, sample, elapsed);
	}

	/// What the book of an underlying's perpetual and the oracle say; `None` where one of them says nothing
	/// that could be traded on.
	fn market_of(
		underlying: UnderlyingId,
		params: &FundingParams,
	) -> Option<(ImpactPrices, Price)> {
		let perpetual = Instrument::perpetual(underlying);
		let listing = Instruments::<T>::get(perpetual);
		if Self::is_stopped(&perpetual, listing.is_some_and(|listing| listing.halted)) {
			return None;
		}
		let prices = T::Oracle::prices(underlying).ok()?;
		Some((T::Quotes::impact(&perpetual, params.minimum_quote), prices.spot))
	}

	/// What bringing so many perpetuals up to chain time weighs, at most.
	pub(crate) fn accrual_weight(perpetuals: u32) -> Weight {
		T::WeightInfo::accrue_funding(perpetuals)
			.saturating_add(T::Quotes::impact_weight().saturating_mul(u64::from(perpetuals)))
	}

	/// Starts to fund a perpetual that is being listed; other contracts bear no funding.
	pub(crate) fn start_funding(instrument: &Instrument) -> DispatchResult {
		let Instrument { underlying, contract: Contract::Perpetual } = *instrument else {
			return Ok(());
		};
		Funding::<T>::try_mutate(|all| {
			// Where it is funded already, it is listed already.
			let Err(at) = all.binary_search_by_key(&underlying, |funding| funding.underlying)
			else {
				return Err(Error::<T>::AlreadyListed.into());
			};
			all.try_insert(at, PerpetualFunding::new(underlying))
				.map_err(|_| Error::<T>::TooManyUnderlyings.into())
		})
	}

	/// Forgets the funding of a perpetual that nobody holds and that is no longer listed.
	pub(crate) fn stop_funding(instrument: &Instrument) {
		if instrument.contract == Contract::Perpetual {
			Funding::<T>::mutate(|all| {
				all.retain(|funding| funding.underlying != instrument.underlying);
			});
		}
	}

	/// Sets how the perpetual of an underlying is funded and marked from now on.
	pub(crate) fn do_set_funding(
		underlying: UnderlyingId,
		params: FundingParams,
	) -> DispatchResult {
		ensure!(Underlyings::<T>::contains_key(underlying), Error::<T>::UnknownUnderlying);
		params.validate().map_err(Error::<T>::from)?;
		FundingSettings::<T>::insert(underlying, params);
		Self::deposit_event(Event::FundingSet { underlying, params });
		Ok(())
	}
}

impl<T> From<RefusedFunding> for Error<T> {
	fn from(reason: RefusedFunding) -> Self {
		match reason {
			RefusedFunding::CapTooHigh => Self::FundingCapTooHigh,
			RefusedFunding::InterestBeyondDamper => Self::FundingInterestBeyondDamper,
			RefusedFunding::DamperTooWide => Self::FundingDamperTooWide,
			RefusedFunding::ClampTooWide => Self::PremiumClampTooWide,
			RefusedFunding::SmoothingOutOfRange => Self::PremiumSmoothingOutOfRange,
			RefusedFunding::MinimumQuoteNotPositive => Self::MinimumQuoteNotPositive,
			RefusedFunding::Mark(RefusedMark::ClampTooWide) => Self::MarkClampTooWide,
			RefusedFunding::Mark(RefusedMark::SmoothingOutOfRange) => Self::MarkSmoothingOutOfRange,
		}
	}
}

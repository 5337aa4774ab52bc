//! Listing by rule: what should stand and does not is listed, little by little.
//!
//! A round goes through all expiries that stand by any rule, one in each block, and lists what each
//! lacks, at most [`Config::MaxListingsPerBlock`] contracts a block; after the last one it rests for
//! [`Config::ListingInterval`]. So it costs what one expiry costs however many there are, and next to
//! nothing while it rests.
//!
//! Listing needs the underlying's spot price, to know which strikes are near it (the forward of the
//! expiry, where there is one already), and room for a settlement window, which must be open long
//! before the expiry. It does not need the expiry's own forward and surface: operators report on an
//! expiry because it is listed, and until they do nothing that has to be valued at them can be
//! traded. Where the spot price is not live, nothing is listed.

use crate::{
	listing_rule::Series, weights::WeightInfo, Config, Error, Event, ExpiryContracts,
	ListingRefusals, ListingRound, ListingRule, ListingRules, Pallet, Underlyings,
};
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{
	ensure,
	pallet_prelude::DispatchResult,
	storage::with_storage_layer,
	traits::Get,
	weights::{Weight, WeightMeter},
};
use plimsoll_primitives::{Instrument, Moment, Price, PriceOracle, UnderlyingId};
use scale_info::TypeInfo;
use sp_runtime::{
	traits::{Saturating, Zero},
	DispatchError,
};

/// Nothing is listed any more in an expiry that is so near, in milliseconds: the window of its average
/// begins half of this before it, and must be open by then.
pub const LAST_LISTING: Moment = 60 * 60 * 1_000;

/// How far listing by rule has come, while there is any rule.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Round<BlockNumber> {
	/// The expiry that was done last; none at the beginning.
	pub after: Option<(UnderlyingId, Moment)>,
	/// Before this block nothing is done.
	pub rests_until: BlockNumber,
}

impl<BlockNumber: Zero> Default for Round<BlockNumber> {
	fn default() -> Self {
		Self { after: None, rests_until: BlockNumber::zero() }
	}
}

/// One expiry's turn in a round.
pub(crate) struct RuleTurn {
	underlying: UnderlyingId,
	expiry: (Moment, Series),
	rule: ListingRule,
}

impl RuleTurn {
	/// Which expiry of which underlying.
	pub(crate) const fn key(&self) -> (UnderlyingId, Moment) {
		(self.underlying, self.expiry.0)
	}
}

impl<T: Config> Pallet<T> {
	/// Takes the next step of a round, where none rests. Weighs at most what is left of the hook's
	/// share after `used`. Returns what it weighed.
	pub(crate) fn keep_rules(used: Weight) -> Weight {
		let idle = T::WeightInfo::listing_rests();
		let share = T::SettlementShare::get() * T::BlockWeights::get().max_block;
		let remaining = frame_system::Pallet::<T>::remaining_block_weight().remaining();
		// The least expense arises however little is left.
		let mut meter =
			WeightMeter::with_limit(share.min(remaining).saturating_sub(used).max(idle));
		meter.consume(idle);
		let Some(round) = ListingRound::<T>::get() else { return meter.consumed() };
		let block = frame_system::Pallet::<T>::block_number();
		let now = Self::now();
		if now == 0
			|| block < round.rests_until
			|| meter.try_consume(T::WeightInfo::visit_listing_rule()).is_err()
		{
			return meter.consumed();
		}
		match Self::next_turn(round.after, now) {
			Some(turn) => {
				let after = Some(turn.key());
				if Self::take_rule_turn(turn, &mut meter) {
					ListingRound::<T>::put(Round { after, ..round });
				}
			}
			None => {
				let rests_until = block.saturating_add(T::ListingInterval::get());
				ListingRound::<T>::put(Round { after: None, rests_until });
			}
		}
		meter.consumed()
	}

	/// The first expiry by any rule that is behind `after`, by underlying and time.
	pub(crate) fn next_turn(
		after: Option<(UnderlyingId, Moment)>,
		now: Moment,
	) -> Option<RuleTurn> {
		// Nothing expires at 0.
		let after = after.unwrap_or((UnderlyingId(0), 0));
		let horizon = now.saturating_add(LAST_LISTING);
		ListingRules::<T>::get().range(after.0..).find_map(|(underlying, rule)| {
			rule.expiries(now)
				.into_iter()
				.find(|(expiry, _)| *expiry > horizon && (*underlying, *expiry) > after)
				.map(|expiry| RuleTurn { underlying: *underlying, expiry, rule: rule.clone() })
		})
	}

	/// Lists what an expiry lacks. Returns whether it is done, for this round.
	pub(crate) fn take_rule_turn(turn: RuleTurn, meter: &mut WeightMeter) -> bool {
		let RuleTurn { underlying, expiry, rule } = turn;
		let Some(forward) = Self::forward(underlying, expiry.0) else { return true };
		let Some(terms) = Underlyings::<T>::get(underlying).filter(|terms| terms.active) else {
			return true;
		};
		let listed = ExpiryContracts::<T>::get(underlying, expiry.0);
		let lacking = rule
			.contracts(expiry, forward, &terms)
			.into_iter()
			.filter(|(contract, _)| listed.iter().all(|queued| queued.contract != *contract));
		let mut left = T::MaxListingsPerBlock::get();
		for (contract, terms) in lacking {
			let Some(rest) = left.checked_sub(1) else { return false };
			if meter.try_consume(T::WeightInfo::list()).is_err() {
				return false;
			}
			left = rest;
			let instrument = Instrument { underlying, contract };
			if let Err(error) = with_storage_layer(|| Self::do_list(instrument, terms)) {
				Self::refuse_listing(instrument, expiry.0, error);
				return true;
			}
		}
		Self::forget_refusals(|refused| refused == (underlying, expiry.0));
		true
	}

	/// What strikes are set around: the forward of the expiry where it is live, else the spot price.
	fn forward(underlying: UnderlyingId, expiry: Moment) -> Option<Price> {
		let prices = T::Oracle::prices(underlying).ok()?;
		let forward = prices.expiries.iter().find(|known| known.expiry == expiry);
		Some(forward.map_or(prices.spot, |known| known.forward))
	}

	/// Tells once of an expiry that its rule cannot be kept.
	fn refuse_listing(instrument: Instrument, expiry: Moment, error: DispatchError) {
		let now = Self::now();
		Self::forget_refusals(|(_, expiry)| expiry <= now);
		let key = (instrument.underlying, expiry);
		let mut refusals = ListingRefusals::<T>::get();
		if refusals.contains(&key) {
			return;
		}
		// There is room: no more expiries stand by an underlying's rule than it may have pending.
		if refusals.try_push(key).is_ok() {
			ListingRefusals::<T>::put(refusals);
		}
		Self::deposit_event(Event::ListingRefused { instrument, error });
	}

	/// Forgets that these were told of.
	fn forget_refusals(which: impl Fn((UnderlyingId, Moment)) -> bool) {
		let mut refusals = ListingRefusals::<T>::get();
		let before = refusals.len();
		refusals.retain(|refused| !which(*refused));
		if refusals.len() == before {
			return;
		}
		if refusals.is_empty() {
			ListingRefusals::<T>::kill();
		} else {
			ListingRefusals::<T>::put(refusals);
		}
	}

	/// Sets the rule of an underlying, or takes it away; what is listed stays. A round begins at once.
	pub(crate) fn do_set_listing_rule(
		underlying: UnderlyingId,
		rule: Option<ListingRule>,
	) -> DispatchResult {
		ensure!(Underlyings::<T>::contains_key(underlying), Error::<T>::UnknownUnderlying);
		ListingRules::<T>::try_mutate(|rules| match &rule {
			Some(rule) => {
				rule.ensure_valid::<T>()?;
				rules
					.try_insert(underlying, rule.clone())
					.map(|_| ())
					.map_err(|_| Error::<T>::TooManyUnderlyings.into())
			}
			None => rules
				.remove(&underlying)
				.map(|_| ())
				.ok_or(DispatchError::from(Error::<T>::NoListingRule)),
		})?;
		Self::forget_refusals(|(refused, _)| refused == underlying);
		let any = !ListingRules::<T>::get().is_empty();
		ListingRound::<T>::set(any.then(Round::default));
		Self::deposit_event(Event::ListingRuleSet { underlying, rule });
		Ok(())
	}
}

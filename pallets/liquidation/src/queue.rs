//! The queue of accounts in the waterfall, and what is kept of each.

use crate::deleverage::Deleverage;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::cmp::Reverse;
use frame_support::{traits::Get, BoundedVec};
use plimsoll_primitives::{Balance, SubAccountId, UsdValue};
use scale_info::TypeInfo;

/// A place in the queue.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Queued<AccountId> {
	/// Whose.
	pub account: SubAccountId<AccountId>,
	/// What it lacked to its maintenance margin when it was last looked at, in USD.
	pub shortfall: UsdValue,
	/// Whether it has had its turn since all had theirs. A turn that did not help does not put an
	/// account before those that still wait for theirs.
	pub served: bool,
}

/// Why an account in the waterfall is left as it is for now.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Stall {
	/// One of its feeds is stale: nothing is traded and the clock stands.
	#[codec(index = 0)]
	StaleFeed,
	/// All of its feeds are live again, but not for long enough.
	#[codec(index = 1)]
	Grace,
	/// It cannot be valued.
	#[codec(index = 2)]
	NotValued,
	/// What it owes could not be taken over.
	#[codec(index = 3)]
	NotAbsorbed,
}

/// How far an account has come.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum Stage<AccountId> {
	/// Slices of it are offered to providers.
	#[codec(index = 0)]
	Auction,
	/// Its positions are closed against the other side.
	#[codec(index = 1)]
	Deleverage(Deleverage<AccountId>),
}

/// What is kept of an account in the waterfall.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Liquidation<AccountId, BlockNumber> {
	/// When it entered.
	pub entered_at: BlockNumber,
	/// When it was last looked at.
	pub last_seen: BlockNumber,
	/// For how many blocks it has been on offer with all its feeds live.
	pub healthy_blocks: u32,
	/// How many providers have been asked.
	pub asked: u32,
	/// How many providers in a row have refused it since it has no equity.
	pub refusals: u32,
	/// What the insurance fund has paid providers for it, in settlement units.
	pub fund_paid: Balance,
	/// The maintenance margin down to which the liquidation fee has been charged.
	pub fee_basis: UsdValue,
	/// Why nothing is done, where nothing is.
	pub stall: Option<Stall>,
	/// How far it has come.
	pub stage: Stage<AccountId>,
}

impl<AccountId, BlockNumber: Copy> Liquidation<AccountId, BlockNumber> {
	/// An account that enters in block `now` with this maintenance margin.
	pub fn new(now: BlockNumber, maintenance_margin: UsdValue) -> Self {
		Self {
			entered_at: now,
			last_seen: now,
			healthy_blocks: 0,
			asked: 0,
			refusals: 0,
			fund_paid: 0,
			fee_basis: maintenance_margin,
			stall: None,
			stage: Stage::Auction,
		}
	}
}

/// The order of service: those who still wait for their turn first, the worst first among them;
/// among equals, who came first.
pub fn sort<AccountId>(queue: &mut [Queued<AccountId>]) {
	queue.sort_by_key(|queued| (queued.served, Reverse(queued.shortfall)));
}

/// Where in the queue the account with the smallest shortfall stands; the last come of several.
fn least_bad<AccountId>(queue: &[Queued<AccountId>]) -> Option<usize> {
	queue
		.iter()
		.enumerate()
		.min_by_key(|(index, queued)| (queued.shortfall, Reverse(*index)))
		.map(|(index, _)| index)
}

/// Whether an account with this shortfall would find a place among at most `capacity`.
pub fn has_room<AccountId>(
	queue: &[Queued<AccountId>],
	capacity: u32,
	shortfall: UsdValue,
) -> bool {
	if u32::try_from(queue.len()).is_ok_and(|length| length < capacity) {
		return true;
	}
	least_bad(queue)
		.and_then(|index| queue.get(index))
		.is_some_and(|least| least.shortfall < shortfall)
}

/// Puts an account in, in order. Into a full queue only in place of the account with the smallest
/// shortfall, if that is smaller; returns which one that was. Gives the place back where there is
/// none.
pub fn admit<AccountId, Size: Get<u32>>(
	queue: &mut BoundedVec<Queued<AccountId>, Size>,
	place: Queued<AccountId>,
) -> Result<Option<SubAccountId<AccountId>>, Queued<AccountId>> {
	if !has_room(queue, Size::get(), place.shortfall) {
		return Err(place);
	}
	let displaced = if queue.is_full() {
		least_bad(queue).map(|index| queue.remove(index).account)
	} else {
		None
	};
	queue.try_push(place)?;
	sort(queue.as_mut());
	Ok(displaced)
}

#[cfg(test)]
mod tests {
	use super::*;
	use frame_support::traits::ConstU32;

	fn place(owner: u64, shortfall: u32) -> Queued<u64> {
		Queued {
			account: SubAccountId::new(owner, 0),
			shortfall: UsdValue::from_u32(shortfall),
			served: false,
		}
	}

	fn owners(queue: &[Queued<u64>]) -> Vec<u64> {
		queue.iter().map(|queued| queued.account.owner).collect()
	}

	#[test]
	fn queue_serves_the_worst_first() {
		let mut queue = BoundedVec::<_, ConstU32<4>>::new();
		for (owner, shortfall) in [(1, 10), (2, 30), (3, 20), (4, 30)] {
			assert_eq!(admit(&mut queue, place(owner, shortfall)), Ok(None));
		}
		assert_eq!(owners(&queue), vec![2, 4, 3, 1]);
	}

	#[test]
	fn worse_account_displaces_the_least_bad_when_full() {
		let mut queue = BoundedVec::<_, ConstU32<2>>::new();
		assert_eq!(admit(&mut queue, place(1, 10)), Ok(None));
		assert_eq!(admit(&mut queue, place(2, 20)), Ok(None));
		assert!(admit(&mut queue, place(3, 10)).is_err());
		assert_eq!(admit(&mut queue, place(4, 11)), Ok(Some(SubAccountId::new(1, 0))));
		assert_eq!(owners(&queue), vec![2, 4]);
	}

	#[test]
	fn account_that_had_its_turn_waits_for_those_who_did_not() {
		let mut queue = vec![Queued { served: true, ..place(1, 99) }, place(2, 1)];
		sort(&mut queue);
		assert_eq!(owners(&queue), vec![2, 1]);
	}

	#[test]
	fn queue_without_places_admits_nobody() {
		let mut queue = BoundedVec::<_, ConstU32<0>>::new();
		assert!(admit(&mut queue, place(1, 10)).is_err());
	}
}

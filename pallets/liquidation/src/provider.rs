//! Back-stop providers: sub-accounts whose owners have agreed to take slices of failing accounts.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use plimsoll_primitives::{SubAccountId, UsdValue};
use scale_info::TypeInfo;
use sp_arithmetic::Permill;

/// On what terms a provider takes slices.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct ProviderTerms {
	/// The least discount it asks, as a fraction of the maintenance margin it takes over.
	pub minimum_discount: Permill,
	/// The most maintenance margin it takes over in one block, in USD.
	pub maximum_slice: UsdValue,
}

/// A provider.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Provider<AccountId> {
	/// Which sub-account takes the slices.
	pub account: SubAccountId<AccountId>,
	/// On what terms.
	pub terms: ProviderTerms,
}

/// Where a provider who asks `minimum_discount` is to stand: behind all who ask no more.
pub fn place_of<AccountId>(providers: &[Provider<AccountId>], minimum_discount: Permill) -> usize {
	providers.partition_point(|other| other.terms.minimum_discount <= minimum_discount)
}

/// Where a provider stands.
pub fn position_of<AccountId: PartialEq>(
	providers: &[Provider<AccountId>],
	account: &SubAccountId<AccountId>,
) -> Option<usize> {
	providers.iter().position(|provider| provider.account == *account)
}

/// Which `looks` of `length` places are looked at in block `now` for one to give away. They move on
/// from block to block, so that in the course of some all are looked at.
pub fn looked_at(now: u64, length: usize, looks: usize) -> impl Iterator<Item = usize> {
	let step = u64::try_from(looks).unwrap_or_default();
	let first = u64::try_from(length)
		.ok()
		.and_then(|length| now.wrapping_mul(step).checked_rem(length))
		.and_then(|first| usize::try_from(first).ok())
		.unwrap_or_default();
	(first..length).chain(0..first).take(looks)
}

/// Sends the provider at `index`, who just took a slice, behind the others who ask the same
/// discount, so that the same one is not always first.
pub fn rotate<AccountId>(providers: &mut [Provider<AccountId>], index: usize) {
	let Some(minimum) = providers.get(index).map(|provider| provider.terms.minimum_discount) else {
		return;
	};
	let end = place_of(providers, minimum);
	if let Some(equals) = providers.get_mut(index..end) {
		equals.rotate_left(1);
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn provider(owner: u64, percent: u32) -> Provider<u64> {
		Provider {
			account: SubAccountId::new(owner, 0),
			terms: ProviderTerms {
				minimum_discount: Permill::from_percent(percent),
				maximum_slice: UsdValue::ONE,
			},
		}
	}

	#[test]
	fn provider_goes_behind_its_equals_when_it_took_a_slice() {
		let mut providers = [provider(1, 5), provider(2, 5), provider(3, 5), provider(4, 7)];
		rotate(&mut providers, 0);
		let owners = providers.iter().map(|p| p.account.owner).collect::<Vec<_>>();
		assert_eq!(owners, vec![2, 3, 1, 4]);
		rotate(&mut providers, 9);
	}

	#[test]
	fn provider_stands_behind_all_who_ask_no_more() {
		let providers = [provider(1, 5), provider(2, 5), provider(3, 7)];
		assert_eq!(place_of(&providers, Permill::from_percent(5)), 2);
		assert_eq!(place_of(&providers, Permill::from_percent(4)), 0);
		assert_eq!(place_of(&providers, Permill::from_percent(9)), 3);
	}
}

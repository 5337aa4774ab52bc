//! The order in which hooks run is the order of pallet indices.

use crate::{
	AllPalletsWithSystem, Liquidation, Margin, Markets, MessageQueue, Oracle, ParachainSystem,
	System, Timestamp, Trading, XcmpQueue,
};
use frame_support::traits::{PalletInfoAccess, PalletsInfoAccess};

#[test]
fn pallets_run_in_the_order_of_a_blocks_life() {
	let order = [
		System::index(),
		ParachainSystem::index(),
		Timestamp::index(),
		XcmpQueue::index(),
		Oracle::index(),
		Markets::index(),
		Margin::index(),
		Trading::index(),
		Liquidation::index(),
		MessageQueue::index(),
	];
	assert!(order.windows(2).all(|pair| pair[0] < pair[1]), "{order:?}");
}

#[test]
fn indices_are_what_clients_and_other_chains_know() {
	let indices: Vec<_> = AllPalletsWithSystem::infos()
		.into_iter()
		.map(|pallet| (pallet.index, pallet.name))
		.collect();
	assert_eq!(
		indices,
		[
			(0, "System"),
			(1, "ParachainSystem"),
			(2, "Timestamp"),
			(3, "ParachainInfo"),
			(4, "WeightReclaim"),
			(10, "Balances"),
			(11, "Assets"),
			(12, "TransactionPayment"),
			(13, "PoolAssets"),
			(14, "AssetConversion"),
			(20, "Authorship"),
			(21, "CollatorSelection"),
			(22, "Session"),
			(23, "Aura"),
			(24, "AuraExt"),
			(30, "XcmpQueue"),
			(31, "PolkadotXcm"),
			(32, "CumulusXcm"),
			(40, "Sudo"),
			(41, "Operators"),
			(50, "Oracle"),
			(51, "Markets"),
			(52, "Margin"),
			(53, "Trading"),
			(54, "Liquidation"),
			(55, "Spot"),
			(60, "MessageQueue"),
		]
	);
}

#[test]
fn message_queue_runs_last() {
	// XCM must see this block's prices and must not take the waterfall's weight.
	let last = AllPalletsWithSystem::infos().into_iter().map(|pallet| pallet.index).max();
	assert_eq!(last, Some(MessageQueue::index()));
}

#[test]
fn hooks_run_in_the_order_of_indices() {
	let indices: Vec<_> =
		AllPalletsWithSystem::infos().into_iter().map(|pallet| pallet.index).collect();
	assert!(indices.windows(2).all(|pair| pair[0] < pair[1]), "{indices:?}");
}

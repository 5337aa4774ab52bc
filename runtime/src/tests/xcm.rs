//! XCM is wired and closed: nothing comes in, nothing goes out, nothing executes for free.

use super::world;
use crate::{
	genesis_config_presets::dot,
	xcm_config::{RelayNetwork, XcmConfig},
	PolkadotXcm, Runtime, RuntimeCall, RuntimeOrigin, UNIT,
};
use frame_support::{assert_ok, weights::Weight};
use pallet_xcm::Error;
use sp_keyring::Sr25519Keyring::{Alice, Bob};
use xcm::{latest::prelude::*, VersionedAssets, VersionedLocation, VersionedXcm};
use xcm_executor::XcmExecutor;

fn account(who: sp_keyring::Sr25519Keyring) -> Location {
	Location::new(0, [AccountId32 { network: RelayNetwork::get(), id: who.to_account_id().into() }])
}

fn assets() -> Assets {
	Asset { id: AssetId(dot()), fun: Fungible(UNIT) }.into()
}

/// Runs a message as if it came from `origin`.
fn execute(origin: &Location, message: Xcm<RuntimeCall>) -> Outcome {
	let mut id = [0; 32];
	XcmExecutor::<XcmConfig>::prepare_and_execute(
		origin.clone(),
		message,
		&mut id,
		Weight::MAX,
		Weight::zero(),
	)
}

#[test]
fn messages_are_refused_when_they_bring_assets_calls_or_free_execution() {
	let fees = Asset { id: AssetId(dot()), fun: Fungible(UNIT) };
	let paid = BuyExecution { fees: fees.clone(), weight_limit: WeightLimit::Unlimited };
	let deposit = DepositAsset { assets: Wild(All), beneficiary: account(Bob) };
	let transact = Transact {
		origin_kind: OriginKind::SovereignAccount,
		fallback_max_weight: None,
		call: codec::Encode::encode(&RuntimeCall::System(frame_system::Call::remark {
			remark: vec![],
		}))
		.into(),
	};
	let unpaid = UnpaidExecution { weight_limit: WeightLimit::Unlimited, check_origin: None };
	let messages = [
		Xcm(vec![ReserveAssetDeposited(assets()), ClearOrigin, paid.clone(), deposit.clone()]),
		Xcm(vec![ReceiveTeleportedAsset(assets()), ClearOrigin, paid.clone(), deposit.clone()]),
		Xcm(vec![WithdrawAsset(assets()), paid.clone(), deposit.clone()]),
		Xcm(vec![WithdrawAsset(assets()), paid, transact.clone()]),
		Xcm(vec![unpaid, transact]),
		Xcm(vec![ClaimAsset { assets: assets(), ticket: Location::here() }, deposit]),
	];
	world::from_preset("development").execute_with(|| {
		let origins = [
			Location::parent(),
			Location::new(1, [Parachain(1_000)]),
			Location::new(1, [Parachain(1_000), PalletInstance(50)]),
			Location::new(2, [GlobalConsensus(Ethereum { chain_id: 1 })]),
			Location::here(),
		];
		for origin in &origins {
			for message in &messages {
				let refused = match execute(origin, message.clone()) {
					Outcome::Incomplete { error, .. } => error.error == XcmError::Barrier,
					Outcome::Error(error) => error.error == XcmError::Barrier,
					Outcome::Complete { .. } => false,
				};
				assert!(refused, "{origin:?} {message:?}");
			}
		}
	});
}

#[test]
fn local_accounts_may_not_execute_or_transfer() {
	world::from_preset("development").execute_with(|| {
		let alice = || RuntimeOrigin::signed(Alice.to_account_id());
		let relay = || Box::new(VersionedLocation::from(Location::parent()));
		let beneficiary = || Box::new(VersionedLocation::from(account(Bob)));
		let bring = || Box::new(VersionedAssets::from(assets()));
		let program: Xcm<RuntimeCall> = Xcm(vec![WithdrawAsset(assets())]);

		let executed =
			PolkadotXcm::execute(alice(), Box::new(VersionedXcm::from(program)), Weight::MAX);
		assert_eq!(
			executed.map_err(|refusal| refusal.error),
			Err(Error::<Runtime>::Filtered.into())
		);
		let unlimited = WeightLimit::Unlimited;
		let sent = [
			PolkadotXcm::limited_reserve_transfer_assets,
			PolkadotXcm::limited_teleport_assets,
			PolkadotXcm::transfer_assets,
		]
		.map(|transfer| transfer(alice(), relay(), beneficiary(), bring(), 0, unlimited.clone()));
		// The last finds no reserve before it would be filtered: none is trusted.
		let refusals: [Error<Runtime>; 3] =
			[Error::Filtered, Error::Filtered, Error::InvalidAssetUnknownReserve];
		assert_eq!(sent, refusals.map(|refusal| Err(refusal.into())));
	});
}

#[test]
fn trapped_assets_come_back_to_their_local_owner_alone() {
	world::from_preset("development").execute_with(|| {
		use xcm_executor::traits::{DropAssets, TransactAsset};
		let context = XcmContext { origin: None, message_id: [0; 32], topic: None };
		let asset = Asset { id: AssetId(dot()), fun: Fungible(UNIT) };
		let holding =
			<XcmConfig as xcm_executor::Config>::AssetTransactor::mint_asset(&asset, &context)
				.expect("DOT is a known asset");
		PolkadotXcm::drop_assets(&account(Alice), holding, &context);
		let claim = |who: sp_keyring::Sr25519Keyring| {
			PolkadotXcm::claim_assets(
				RuntimeOrigin::signed(who.to_account_id()),
				Box::new(VersionedAssets::from(assets())),
				Box::new(VersionedLocation::from(account(who))),
			)
		};
		let balance = || crate::Assets::balance(dot(), Alice.to_account_id());
		let before = balance();

		assert!(claim(Bob).is_err());
		assert_ok!(claim(Alice));
		assert_eq!(balance(), before + UNIT);
		assert!(claim(Alice).is_err());
	});
}

//! Transactions as clients build them by hand.

use crate::{RuntimeCall, UncheckedExtrinsic};
use codec::{Compact, Decode, Encode};
use plimsoll_primitives::SubAccountId;
use sp_keyring::Sr25519Keyring::Alice;

#[test]
fn nomination_built_by_hand_is_a_general_transaction() {
	let call = RuntimeCall::Liquidation(pallet_liquidation::Call::nominate {
		account: SubAccountId::new(Alice.to_account_id(), 0),
	});
	// Format 5 with the bit of a general transaction; the extensions' version; era, nonce, tip and
	// the metadata hash's mode, the only extensions that encode to anything; the call.
	let mut body = vec![0b0100_0101, 0, 0, 0, 0, 0];
	call.encode_to(&mut body);
	let mut bytes = Compact(u32::try_from(body.len()).expect("short; qed")).encode();
	bytes.extend(body);

	let decoded = UncheckedExtrinsic::decode(&mut &bytes[..]).expect("it is well formed");
	assert_eq!(decoded.function, call);
	assert_eq!(decoded.encode(), bytes);
}

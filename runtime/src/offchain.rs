//! How offchain workers make transactions: signed ones for price feeds, authorised ones for
//! nominations.

use crate::{
	AccountId, Address, Nonce, Runtime, RuntimeCall, Signature, SignedPayload, System, TxExtension,
	UncheckedExtrinsic,
};
use codec::Encode;
use frame_system::offchain::{
	CreateAuthorizedTransaction, CreateBare, CreateSignedTransaction, CreateTransaction,
	CreateTransactionBase, SigningTypes,
};
use sp_runtime::{generic::Era, traits::StaticLookup};

/// The era of a worker's signed transactions, the shortest there is. The chain stamps a price when
/// it is included, so one that waits must not arrive as a fresh one.
const MORTALITY: u32 = 4;
/// For how many blocks after the one that a worker saw its transaction can be included: its era
/// begins with the block before.
pub(crate) const CHANCES: u32 = MORTALITY - 2;

/// What is signed with a transaction of this era and nonce, without a tip.
pub(crate) fn extension(era: Era, nonce: Nonce) -> TxExtension {
	TxExtension::new((
		frame_system::AuthorizeCall::new(),
		frame_system::CheckNonZeroSender::new(),
		frame_system::CheckSpecVersion::new(),
		frame_system::CheckTxVersion::new(),
		frame_system::CheckGenesis::new(),
		frame_system::CheckEra::from(era),
		frame_system::CheckNonce::from(nonce),
		frame_system::CheckWeight::new(),
		pallet_transaction_payment::ChargeTransactionPayment::from(0),
		frame_metadata_hash_extension::CheckMetadataHash::new(false),
		pallet_price_oracle::check_feeder::CheckFeeder::new(),
	))
}

impl SigningTypes for Runtime {
	type Public = <Signature as sp_runtime::traits::Verify>::Signer;
	type Signature = Signature;
}

impl<LocalCall> CreateTransactionBase<LocalCall> for Runtime
where
	RuntimeCall: From<LocalCall>,
{
	type RuntimeCall = RuntimeCall;
	type Extrinsic = UncheckedExtrinsic;
}

impl<LocalCall> CreateTransaction<LocalCall> for Runtime
where
	RuntimeCall: From<LocalCall>,
{
	type Extension = TxExtension;

	fn create_transaction(call: RuntimeCall, extension: TxExtension) -> UncheckedExtrinsic {
		UncheckedExtrinsic::new_transaction(call, extension)
	}
}

impl<LocalCall> CreateBare<LocalCall> for Runtime
where
	RuntimeCall: From<LocalCall>,
{
	fn create_bare(call: RuntimeCall) -> UncheckedExtrinsic {
		UncheckedExtrinsic::new_bare(call)
	}
}

impl<LocalCall> CreateSignedTransaction<LocalCall> for Runtime
where
	RuntimeCall: From<LocalCall>,
{
	fn create_signed_transaction<
		C: frame_system::offchain::AppCrypto<Self::Public, Self::Signature>,
	>(
		call: RuntimeCall,
		public: Self::Public,
		account: AccountId,
		nonce: Nonce,
	) -> Option<UncheckedExtrinsic> {
		// The pool may still be at the block before the one that the worker sees, where that one's hash
		// is not known yet: an era that began with it would be refused there, and the transaction
		// forgotten. Saturating: the first block has none before it.
		let before = System::block_number().saturating_sub(1);
		let extension = extension(Era::mortal(MORTALITY.into(), before.into()), nonce);
		let payload = SignedPayload::new(call, extension)
			.inspect_err(|error| log::warn!(target: "plimsoll", "no payload: {error:?}"))
			.ok()?;
		let signature = payload.using_encoded(|bytes| C::sign(bytes, public))?;
		let address: Address = <Runtime as frame_system::Config>::Lookup::unlookup(account);
		let (call, extension, _) = payload.deconstruct();
		Some(UncheckedExtrinsic::new_signed(call, address, signature, extension))
	}
}

impl<LocalCall> CreateAuthorizedTransaction<LocalCall> for Runtime
where
	RuntimeCall: From<LocalCall>,
{
	fn create_extension() -> TxExtension {
		// Nobody's nonce is meant: it is not looked at where nobody signed. It makes the same
		// nomination another transaction in another block, because the pool bans one that it has
		// dropped for half an hour by its hash; workers of the same block still make the same one.
		extension(Era::Immortal, System::block_number())
	}
}

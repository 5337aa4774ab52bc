//! The quote's layout, as clients rely on it.

use crate::{mock::*, quote::DOMAIN};
use codec::{Decode, Encode};
use plimsoll_primitives::Instrument;

#[test]
fn quote_encodes_as_documented() {
	ExtBuilder::build_and_execute(|| {
		const SCALE: u128 = 1_000_000_000_000_000_000;
		let mut described = quote(0x0102_0304_0506_0708);
		described.maker.number = 3;
		described.taker = Some(TAKER.id());
		described.expiry_block = 258;
		let Instrument { underlying, .. } = PERPETUAL;
		let put = Instrument::option(
			underlying,
			1_700_000_000_000,
			plimsoll_primitives::Price::from_u32(90),
			plimsoll_primitives::OptionKind::Put,
		);
		described.legs = legs(&[fill(PERPETUAL, 2, 100), fill(FUTURE, -1, 101), fill(put, 1, 5)]);

		let maker: [u8; 32] = MAKER.id().into();
		let taker: [u8; 32] = TAKER.id().into();
		let expiry = 1_700_000_000_000u64.to_le_bytes();
		let amount = |whole: u128| (whole * SCALE).to_le_bytes();
		let minus_one = (-1_000_000_000_000_000_000i128).to_le_bytes();
		let expected: Vec<u8> = [
			&maker[..],
			&[3, 0],
			&maker[..],
			&[1],
			&taker[..],
			// Three legs.
			&[12],
			&[0, 0, 0],
			&amount(2),
			&amount(100),
			&[0, 0, 1],
			&expiry,
			&minus_one,
			&amount(101),
			&[0, 0, 2],
			&expiry,
			&amount(90),
			&[1],
			&amount(1),
			&amount(5),
			// Expiry block, nonce, chain.
			&[2, 1, 0, 0],
			&[8, 7, 6, 5, 4, 3, 2, 1],
			&[69; 32],
		]
		.concat();

		assert_eq!(described.encode(), expected);
		assert_eq!(
			described.signing_hash(),
			sp_io::hashing::blake2_256(&[&b"plimsoll/block-trade/v1"[..], &expected].concat())
		);
		assert_eq!(DOMAIN.encode().len(), 23);
	});
}

#[test]
fn quote_does_not_decode_when_it_has_too_many_legs() {
	ExtBuilder::build_and_execute(|| {
		let with = |number: usize| {
			let fills = vec![fill(PERPETUAL, 1, 100); number];
			let whole = quote(1);
			let (maker, signer, taker) = (whole.maker, whole.signer, whole.taker);
			(maker, signer, taker, fills, whole.expiry_block, whole.nonce, whole.genesis_hash)
				.encode()
		};
		assert!(crate::QuoteOf::<Test>::decode(&mut &with(8)[..]).is_ok());
		assert!(crate::QuoteOf::<Test>::decode(&mut &with(9)[..]).is_err());
	});
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TypeRegistry } from '@polkadot/types';
import { plain } from '../lib/plain.mjs';

const registry = new TypeRegistry();
registry.register({
	Kind: { _enum: ['Call', 'Put'] },
	Contract: { _enum: { Perpetual: null, Option: { expiry: 'u64', kind: 'Kind' } } },
	Leg: { contract: 'Contract', size: 'i128', price: 'Option<u128>' },
});

test('fields called size and negative integers are kept', () => {
	const leg = registry.createType(/** @type {any} */ ('Leg'), { contract: { Option: { expiry: 5, kind: 'Put' } }, size: -(10n ** 20n), price: null });
	assert.deepEqual(plain(leg), { contract: { Option: { expiry: 5n, kind: 'Put' } }, size: -(10n ** 20n), price: null });
});

test('enums without content are their names', () => {
	const leg = registry.createType(/** @type {any} */ ('Leg'), { contract: 'Perpetual', size: 1, price: 7 });
	assert.deepEqual(plain(leg), { contract: 'Perpetual', size: 1n, price: 7n });
});

test('results, tuples, lists and bytes are plain', () => {
	const make = (/** @type {string} */ type, /** @type {any} */ value) => plain(registry.createType(/** @type {any} */ (type), value));
	assert.deepEqual(make('Result<u8, Text>', { Ok: 3 }), { Ok: 3n });
	assert.deepEqual(make('Result<u8, Text>', { Err: 'no' }), { Err: 'no' });
	assert.deepEqual(make('Vec<(u16, bool)>', [[1, true]]), [[1n, true]]);
	assert.equal(make('H256', `0x${'ab'.repeat(32)}`), `0x${'ab'.repeat(32)}`);
	assert.equal(make('Compact<u32>', 9), 9n);
	assert.match(make('AccountId', `0x${'01'.repeat(32)}`), /^5/);
});

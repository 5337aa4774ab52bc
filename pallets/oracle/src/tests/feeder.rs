use crate::{
	crypto::KEY_TYPE,
	feeder::{Idle, Sent, LOCK_DEADLINE, LOCK_KEY, MAX_BODY, SENT_KEY},
	mock::*,
	Call, FeedKey, Observation, SourceFormat, Values,
};
use codec::{Decode, Encode};
use frame_support::{assert_ok, traits::Hooks};
use plimsoll_primitives::{Price, PriceOracle, Rate, UnderlyingId};
use sp_core::offchain::{
	testing::{TestOffchainExt, TestTransactionPoolExt},
	Externalities, HttpError, HttpRequestId, HttpRequestStatus, OffchainDbExt, OffchainWorkerExt,
	OpaqueNetworkState, Timestamp, TransactionPoolExt,
};
use sp_keystore::{testing::MemoryKeystore, Keystore, KeystoreExt};
use sp_runtime::{generic::Preamble, offchain::storage::StorageValueRef};
use std::{
	collections::BTreeMap,
	sync::{Arc, Mutex},
};

const BTC_SPOT: FeedKey = FeedKey::Spot { underlying: BTC };
const KRAKEN: &str = "https://kraken/btc";
const COINBASE: &str = "https://coinbase/btc";
const BINANCE: &str = "https://binance/btc";
const DOCUMENT: &str = "http://127.0.0.1:8787/btc";

/// How a venue answers.
#[derive(Clone, Debug)]
enum Answer {
	Body(Vec<u8>),
	Status(u16),
	Slow,
	Broken,
	/// The headers come, the body never does.
	Stuck,
}

/// The answers by URL, and what was asked for in the order of the calls.
#[derive(Default)]
struct Net {
	answers: BTreeMap<String, Answer>,
	calls: Vec<String>,
}

/// [`TestOffchainExt`] with venues that may misbehave.
struct Venues {
	inner: TestOffchainExt,
	net: Arc<Mutex<Net>>,
}

impl Venues {
	fn net(&self) -> std::sync::MutexGuard<'_, Net> {
		self.net.lock().expect("no test panics with it; qed")
	}

	fn answer(&self, id: HttpRequestId) -> Answer {
		let uri = self.inner.0.read().requests.get(&id).map(|request| request.uri.clone());
		let uri = uri.expect("the feeder asks for what it has started");
		self.net().answers.get(&uri).cloned().unwrap_or(Answer::Broken)
	}
}

impl Externalities for Venues {
	fn is_validator(&self) -> bool {
		true
	}

	fn network_state(&self) -> Result<OpaqueNetworkState, ()> {
		self.inner.network_state()
	}

	fn timestamp(&mut self) -> Timestamp {
		self.inner.timestamp()
	}

	fn sleep_until(&mut self, deadline: Timestamp) {
		self.inner.sleep_until(deadline)
	}

	fn random_seed(&mut self) -> [u8; 32] {
		self.inner.random_seed()
	}

	fn http_request_start(
		&mut self,
		method: &str,
		uri: &str,
		meta: &[u8],
	) -> Result<HttpRequestId, ()> {
		assert_eq!(method, "GET");
		self.net().calls.push(format!("start {uri}"));
		self.inner.http_request_start(method, uri, meta)
	}

	fn http_request_add_header(
		&mut self,
		id: HttpRequestId,
		name: &str,
		value: &str,
	) -> Result<(), ()> {
		self.inner.http_request_add_header(id, name, value)
	}

	fn http_request_write_body(
		&mut self,
		id: HttpRequestId,
		chunk: &[u8],
		deadline: Option<Timestamp>,
	) -> Result<(), HttpError> {
		self.inner.http_request_write_body(id, chunk, deadline)
	}

	fn http_response_wait(
		&mut self,
		ids: &[HttpRequestId],
		deadline: Option<Timestamp>,
	) -> Vec<HttpRequestStatus> {
		assert!(deadline.is_some(), "the feeder never waits for ever");
		self.net().calls.push("wait".into());
		let status = |id: &HttpRequestId| match self.answer(*id) {
			Answer::Body(body) => {
				let mut state = self.inner.0.write();
				let request = state.requests.get_mut(id).expect("it was started; qed");
				assert!(request.sent);
				request.response = Some(body);
				HttpRequestStatus::Finished(200)
			}
			Answer::Stuck => HttpRequestStatus::Finished(200),
			Answer::Status(code) => HttpRequestStatus::Finished(code),
			Answer::Slow => HttpRequestStatus::DeadlineReached,
			Answer::Broken => HttpRequestStatus::IoError,
		};
		ids.iter().map(status).collect()
	}

	fn http_response_headers(&mut self, id: HttpRequestId) -> Vec<(Vec<u8>, Vec<u8>)> {
		self.inner.http_response_headers(id)
	}

	fn http_response_read_body(
		&mut self,
		id: HttpRequestId,
		buffer: &mut [u8],
		deadline: Option<Timestamp>,
	) -> Result<usize, HttpError> {
		assert!(deadline.is_some(), "the feeder never reads for ever");
		if let Answer::Stuck = self.answer(id) {
			return Err(HttpError::DeadlineReached);
		}
		self.inner.http_response_read_body(id, buffer, deadline)
	}

	fn set_authorized_nodes(&mut self, _: Vec<sp_core::OpaquePeerId>, _: bool) {}
}

/// A node with a feeder's key.
struct Node {
	ext: sp_io::TestExternalities,
	operator: AccountId,
	net: Arc<Mutex<Net>>,
	/// What its pool was given.
	pool: Box<dyn Fn() -> Vec<Vec<u8>>>,
	/// Sets its own clock, in milliseconds.
	set_clock: Box<dyn Fn(u64)>,
}

impl Node {
	/// A node whose key is an operator's, with these sources and how they answer.
	fn new(sources: &[(FeedKey, SourceFormat, &str, Answer)]) -> Self {
		let mut node = Self::without_key(sources);
		let keystore = MemoryKeystore::new();
		let public = keystore
			.sr25519_generate_new(KEY_TYPE, None)
			.expect("a keystore in memory does not fail; qed");
		node.operator = account_of(public);
		node.ext.register_extension(KeystoreExt::new(keystore));
		Members::mutate(|members| {
			members.push(account_of(public));
			members.sort();
		});
		node
	}

	/// A node with no key at all.
	fn without_key(sources: &[(FeedKey, SourceFormat, &str, Answer)]) -> Self {
		let mut ext = ExtBuilder::build();
		let (offchain, state) = TestOffchainExt::new();
		let (pool, pool_state) = TestTransactionPoolExt::new();
		let net = Arc::new(Mutex::new(Net::default()));
		ext.register_extension(OffchainDbExt::new(offchain.clone()));
		let venues = Venues { inner: offchain, net: net.clone() };
		ext.register_extension(OffchainWorkerExt::new(venues));
		ext.register_extension(TransactionPoolExt::new(pool));
		ext.register_extension(KeystoreExt::new(MemoryKeystore::new()));
		let mut node = Self {
			ext,
			operator: STRANGER,
			net,
			pool: Box::new(move || pool_state.read().transactions.clone()),
			set_clock: Box::new(move |now| {
				state.write().timestamp = Timestamp::from_unix_millis(now)
			}),
		};
		node.list(sources);
		node
	}

	/// Lists these sources.
	fn list(&mut self, sources: &[(FeedKey, SourceFormat, &str, Answer)]) {
		let listed: Vec<_> =
			sources.iter().map(|(feed, format, url, _)| source(*feed, *format, url)).collect();
		let listed = listed.try_into().expect("few; qed");
		self.ext.execute_with(|| {
			assert_ok!(Oracle::set_sources(RuntimeOrigin::root(), listed));
		});
		for (_, _, url, answer) in sources {
			self.answer(url, answer.clone());
		}
	}

	fn answer(&self, url: &str, answer: Answer) {
		let mut net = self.net.lock().expect("no test panics with it; qed");
		net.answers.insert(url.into(), answer);
	}

	fn calls(&self) -> Vec<String> {
		self.net.lock().expect("no test panics with it; qed").calls.clone()
	}

	/// Runs the worker once and says what came of it.
	fn run(&mut self) -> Result<usize, Idle> {
		self.execute(|| Oracle::feed(System::block_number()))
	}

	fn execute<R>(&mut self, run: impl FnOnce() -> R) -> R {
		let mut result = None;
		ExtBuilder::execute(&mut self.ext, || result = Some(run()));
		result.expect("it ran; qed")
	}

	/// The batch of the last transaction in the pool, if any, and who signed it.
	fn sent(&self) -> Option<(AccountId, Vec<Observation>)> {
		let bytes = (self.pool)().pop()?;
		let extrinsic = Extrinsic::decode(&mut &bytes[..]).expect("the pool's is well-formed");
		let Preamble::Signed(who, ..) = extrinsic.preamble else { panic!("it is signed") };
		match extrinsic.function {
			RuntimeCall::Oracle(Call::submit { observations }) => {
				Some((who, observations.to_vec()))
			}
			other => panic!("the feeder sends batches, not {other:?}"),
		}
	}

	/// What the worker sends on one run.
	fn batch(&mut self) -> Vec<Observation> {
		let before = (self.pool)().len();
		let count = self.run().expect("it sends");
		assert_eq!((self.pool)().len(), before + 1);
		let (who, observations) = self.sent().expect("it was sent");
		assert_eq!((who, observations.len()), (self.operator.clone(), count));
		observations
	}
}

fn body(text: &str) -> Answer {
	Answer::Body(text.as_bytes().to_vec())
}

fn kraken(price: &str) -> Answer {
	body(&format!(
		r#"{{"error":[],"result":{{"XXBTZUSD":{{"a":["64000.2","1","1.000"],"c":["{price}","0.1"],"t":[1,5],"o":"1"}}}}}}"#
	))
}

fn coinbase(price: &str) -> Answer {
	body(&format!(r#"{{"data":{{"amount":"{price}","base":"BTC","currency":"USD"}}}}"#))
}

fn binance(price: &str) -> Answer {
	body(&format!(r#"{{"symbol":"BTCUSDT","price":"{price}"}}"#))
}

fn price(scaled_hundredths: u128) -> Price {
	Price::from_inner(scaled_hundredths * 10_000_000_000_000_000)
}

fn only_spot(batch: Vec<Observation>) -> Price {
	match batch[..] {
		[Observation::Spot { underlying: BTC, price }] => price,
		_ => panic!("{batch:?} is not one spot"),
	}
}

fn one(format: SourceFormat, answer: Answer) -> Node {
	Node::new(&[(BTC_SPOT, format, DOCUMENT, answer)])
}

#[test]
fn feeder_reads_kraken() {
	let mut node = one(SourceFormat::Kraken, kraken("64000.10000"));
	assert_eq!(only_spot(node.batch()), price(6_400_010));
}

#[test]
fn feeder_reads_coinbase() {
	let mut node = one(SourceFormat::Coinbase, coinbase("64000.1"));
	assert_eq!(only_spot(node.batch()), price(6_400_010));
}

#[test]
fn feeder_reads_binance() {
	let mut node = one(SourceFormat::Binance, binance("64000.10"));
	assert_eq!(only_spot(node.batch()), price(6_400_010));
}

#[test]
fn feeder_reads_the_plain_document() {
	let expiry = EXPIRY;
	let text = format!(
		r#"{{"underlying":0,"spot":"3000.25","settlement_asset":"1.0","expiries":[
			{{"expiry":{expiry},"forward":"3010.5","rate":"-0.04",
			"svi":{{"a":"0.01","b":"0.02","rho":"-0.3","m":"0.0","sigma":"0.1"}}}},
			{{"expiry":{},"forward":"3020"}}]}}"#,
		expiry + 1
	);
	let mut node = one(SourceFormat::Json, body(&text));
	let negative = Rate::from_rational(4, 100).checked_neg().expect("small; qed");
	let mut batch = node.batch();
	let mut expected = vec![
		settlement_asset(100),
		Observation::Spot { underlying: BTC, price: price(300_025) },
		Observation::Forward { underlying: BTC, expiry, price: price(301_050) },
		Observation::Rate { underlying: BTC, expiry, rate: negative },
		surface(BTC, expiry, 100),
		forward(BTC, expiry + 1, 3_020),
	];
	batch.sort_by_key(Observation::key);
	expected.sort_by_key(Observation::key);
	assert_eq!(batch, expected);
}

#[test]
fn batch_is_taken_by_the_chain_when_it_is_included() {
	let mut node = one(SourceFormat::Binance, binance("64000.10"));
	let observations = node.batch();
	let operator = node.operator.clone();
	node.execute(|| {
		report(&operator, &observations);
		set_params(|params| params.quorum = 1);
		next_block();
		assert_eq!(Oracle::prices(BTC).expect("live").spot, price(6_400_010));
	});
}

#[test]
fn batch_is_signed_by_the_operators_key() {
	let mut node = one(SourceFormat::Binance, binance("64000.10"));
	node.batch();
	let bytes = (node.pool)().pop().expect("sent");
	let extrinsic = Extrinsic::decode(&mut &bytes[..]).expect("well-formed");
	let Preamble::Signed(who, signature, _) = extrinsic.preamble else { panic!("signed") };
	let signed = (extrinsic.function, 0u32).encode();
	assert!(sp_runtime::traits::Verify::verify(&signature, &signed[..], &who));
}

#[test]
fn requests_are_all_started_before_any_is_waited_for() {
	let mut node = Node::new(&[
		(BTC_SPOT, SourceFormat::Kraken, KRAKEN, kraken("64000")),
		(BTC_SPOT, SourceFormat::Coinbase, COINBASE, coinbase("64000")),
		(BTC_SPOT, SourceFormat::Binance, BINANCE, binance("64000")),
	]);
	node.batch();
	let started = [KRAKEN, COINBASE, BINANCE].map(|url| format!("start {url}"));
	assert_eq!(node.calls(), [&started[..], &["wait".to_string()]].concat());
}

#[test]
fn lying_venue_is_outvoted_by_two_others() {
	let mut node = Node::new(&[
		(BTC_SPOT, SourceFormat::Kraken, KRAKEN, kraken("64000")),
		(BTC_SPOT, SourceFormat::Coinbase, COINBASE, coinbase("32000")),
		(BTC_SPOT, SourceFormat::Binance, BINANCE, binance("64010")),
	]);
	assert_eq!(only_spot(node.batch()), price(6_400_000));
}

#[test]
fn nothing_is_sent_of_a_value_when_two_venues_disagree() {
	let mut node = Node::new(&[
		(BTC_SPOT, SourceFormat::Kraken, KRAKEN, kraken("64000")),
		(BTC_SPOT, SourceFormat::Coinbase, COINBASE, coinbase("32000")),
		(FeedKey::SettlementAsset, SourceFormat::Kraken, BINANCE, kraken("1.0")),
	]);
	assert_eq!(node.batch(), vec![settlement_asset(100)]);
}

#[test]
fn venue_that_fails_is_left_out_when_others_answer() {
	for answer in [
		Answer::Slow,
		Answer::Stuck,
		Answer::Broken,
		Answer::Status(503),
		Answer::Status(404),
		body("{"),
		kraken("-64000"),
		Answer::Body(vec![b' '; MAX_BODY + 1]),
	] {
		let mut node = Node::new(&[
			(BTC_SPOT, SourceFormat::Kraken, KRAKEN, answer.clone()),
			(BTC_SPOT, SourceFormat::Coinbase, COINBASE, coinbase("64000")),
			(BTC_SPOT, SourceFormat::Binance, BINANCE, binance("64020")),
		]);
		assert_eq!(only_spot(node.batch()), price(6_401_000), "{answer:?}");
	}
}

/// Bitcoin's spot at as many venues as there are answers.
fn venues(answers: &[Answer]) -> Node {
	const URLS: [&str; 5] =
		["https://a/btc", "https://b/btc", "https://c/btc", "https://d/btc", "https://e/btc"];
	let sources: Vec<_> = URLS
		.iter()
		.zip(answers)
		.map(|(url, answer)| (BTC_SPOT, SourceFormat::Json, *url, answer.clone()))
		.collect();
	Node::new(&sources)
}

/// A document with this spot.
fn at(spot: &str) -> Answer {
	body(&format!(r#"{{"spot":"{spot}"}}"#))
}

#[test]
fn venue_that_alone_survives_is_not_believed() {
	for answers in [
		vec![at("64000"), Answer::Slow],
		vec![at("64000"), Answer::Broken, Answer::Status(503)],
		vec![at("64000"), at("64000"), Answer::Slow, body("{")],
		// What the chain would refuse is an answer, but no agreement.
		vec![at("64000"), at("0.5")],
	] {
		assert_eq!(venues(&answers).run(), Err(Idle::NothingToSend), "{answers:?}");
	}
}

#[test]
fn value_is_believed_when_more_than_half_of_its_venues_agree() {
	let down = Answer::Slow;
	let (one, other) = (at("64000"), at("32000"));
	let agreed = [one.clone(), one.clone(), one.clone(), other.clone(), down.clone()];
	assert_eq!(only_spot(venues(&agreed).batch()), usd(64_000));
	// Most of those that answer agree, but not most of all.
	let mixed = [one.clone(), one, other, down.clone(), down];
	assert_eq!(venues(&mixed).run(), Err(Idle::NothingToSend));
}

#[test]
fn document_without_a_value_is_no_source_of_it() {
	let silent = body(r#"{"settlement_asset":"1.0"}"#);
	let mut node = venues(&[at("64000"), silent]);
	assert_eq!(node.batch(), vec![spot(BTC, 64_000), settlement_asset(100)]);
	let mut node = venues(&[at("64000"), Answer::Broken]);
	assert_eq!(node.run(), Err(Idle::NothingToSend));
}

#[test]
fn document_that_says_a_thing_twice_has_one_vote() {
	let twice = format!(
		r#"{{"expiries":[{{"expiry":{EXPIRY},"forward":"70000"}},{{"expiry":{EXPIRY},"forward":"70000"}}]}}"#
	);
	let once = format!(r#"{{"expiries":[{{"expiry":{EXPIRY},"forward":"64000"}}]}}"#);
	let mut node = venues(&[body(&twice), body(&once), Answer::Slow]);
	assert_eq!(node.run(), Err(Idle::NothingToSend));
}

#[test]
fn surface_is_believed_when_more_than_half_of_its_venues_agree() {
	let (level, far) = (document_of(&[(EXPIRY, slice(100))]), document_of(&[(EXPIRY, slice(900))]));
	let down = Answer::Slow;
	let agreed = venues(&[level.clone(), level.clone(), far]).batch();
	assert_eq!(agreed, vec![spot(BTC, 64_000), surface(BTC, EXPIRY, 100)]);
	let alone = venues(&[level, down.clone(), down.clone()]).run();
	assert_eq!(alone, Err(Idle::NothingToSend));
	// Nor is the level of one that admits arbitrage.
	let mut node = venues(&[document_of(&[(EXPIRY, bad_slice())]), down.clone(), down]);
	node.execute(|| {
		for operator in [ALICE, BOB] {
			report(&operator, &[surface(BTC, EXPIRY, 100)]);
		}
		next_block();
	});
	assert_eq!(node.run(), Err(Idle::NothingToSend));
}

#[test]
fn nothing_is_sent_when_every_venue_fails() {
	for answer in [Answer::Slow, Answer::Stuck, Answer::Broken, Answer::Status(500)] {
		let mut node = one(SourceFormat::Kraken, answer);
		assert_eq!(node.run(), Err(Idle::NothingToSend));
		assert_eq!(node.sent(), None);
	}
}

#[test]
fn malformed_bodies_are_refused() {
	let cases = [
		(SourceFormat::Kraken, "".into()),
		(SourceFormat::Kraken, "null".into()),
		(SourceFormat::Kraken, r#"{"error":["EQuery:Unknown asset pair"]}"#.into()),
		(SourceFormat::Kraken, r#"{"error":[],"result":{}}"#.into()),
		(SourceFormat::Kraken, r#"{"error":[],"result":{"A":{"c":[]}}}"#.into()),
		(SourceFormat::Kraken, r#"{"error":[],"result":{"A":{"c":[64000.1,"1"]}}}"#.into()),
		(
			SourceFormat::Kraken,
			r#"{"error":[],"result":{"A":{"c":["64000"]},"B":{"c":["64000"]}}}"#.into(),
		),
		(SourceFormat::Coinbase, r#"{"data":{"amount":"64000","currency":"EUR"}}"#.into()),
		(SourceFormat::Coinbase, r#"{"errors":[{"id":"not_found"}]}"#.into()),
		(SourceFormat::Binance, r#"{"code":-1121,"msg":"Invalid symbol."}"#.into()),
		(SourceFormat::Binance, r#"{"price":64000.1}"#.into()),
		(SourceFormat::Binance, r#"{"price":"64000.1"} x"#.into()),
		(SourceFormat::Json, r#"{"underlying":1,"spot":"64000"}"#.into()),
		(SourceFormat::Json, r#"{"underlying":0,"spot":"64000","expiries":{}}"#.into()),
		(
			SourceFormat::Json,
			format!(r#"{{"expiries":[{{"expiry":{EXPIRY},"forward":"1","svi":{{"a":"1"}}}}]}}"#),
		),
		(
			SourceFormat::Json,
			format!(
				r#"{{"expiries":[{}]}}"#,
				vec![format!(r#"{{"expiry":{EXPIRY},"forward":"1"}}"#); 25].join(",")
			),
		),
		(SourceFormat::Json, "[".repeat(10_000)),
	];
	for (format, text) in cases {
		let mut node = one(format, body(&text));
		assert_eq!(node.run(), Err(Idle::NothingToSend), "{text}");
	}
}

#[test]
fn absurd_numbers_are_refused() {
	for text in [
		"0",
		"0.0",
		"-1",
		"NaN",
		"inf",
		"1e5",
		"",
		" 1",
		"1,5",
		"0x10",
		"99999999999999999999999999999999999999999999999999999999999999999999",
		"170141183460469231731687303715884105728",
		// Beyond the feed's bounds.
		"1000000.000000000000000001",
		"0.999999999999999999",
	] {
		let mut node = one(SourceFormat::Binance, binance(text));
		assert_eq!(node.run(), Err(Idle::NothingToSend), "{text}");
	}
}

#[test]
fn body_that_is_not_text_is_refused() {
	let mut node = one(SourceFormat::Binance, Answer::Body(vec![0xff, 0xfe, 0x00]));
	assert_eq!(node.run(), Err(Idle::NothingToSend));
}

#[test]
fn body_is_read_no_further_than_it_may_be_long() {
	let huge = format!(r#"{{"price":"64000","x":"{}"}}"#, "x".repeat(10 * MAX_BODY));
	let mut node = one(SourceFormat::Binance, body(&huge));
	assert_eq!(node.run(), Err(Idle::NothingToSend));

	let mut fits = r#"{"price":"64000"}"#.to_string();
	fits.push_str(&" ".repeat(MAX_BODY - fits.len()));
	let mut node = one(SourceFormat::Binance, body(&fits));
	assert_eq!(only_spot(node.batch()), usd(64_000));
}

#[test]
fn bad_value_does_not_keep_the_others_back() {
	let text = format!(
		r#"{{"spot":"64000","expiries":[
			{{"expiry":{EXPIRY},"forward":"0.5","rate":"0.04"}},
			{{"expiry":{},"forward":"64000","rate":"7"}},
			{{"expiry":{START},"forward":"64000"}},
			{{"expiry":{},"forward":"64000"}}]}}"#,
		EXPIRY + 1,
		START + 29_000,
	);
	let mut node = one(SourceFormat::Json, body(&text));
	assert_eq!(
		node.batch(),
		vec![spot(BTC, 64_000), rate(BTC, EXPIRY, 4), forward(BTC, EXPIRY + 1, 64_000)]
	);
}

fn document_of(slices: &[(u64, plimsoll_primitives::Svi)]) -> Answer {
	let text = |value: sp_arithmetic::FixedI128| {
		let inner = value.into_inner();
		let sign = if inner < 0 { "-" } else { "" };
		let size = inner.unsigned_abs();
		let one = 1_000_000_000_000_000_000;
		format!("{sign}{}.{:018}", size / one, size % one)
	};
	let expiries: Vec<_> = slices
		.iter()
		.map(|(expiry, svi)| {
			format!(
				r#"{{"expiry":{expiry},"svi":{{"a":"{}","b":"{}","rho":"{}","m":"{}","sigma":"{}"}}}}"#,
				text(svi.a),
				text(svi.b),
				text(svi.rho),
				text(svi.m),
				text(svi.sigma),
			)
		})
		.collect();
	body(&format!(r#"{{"spot":"64000","expiries":[{}]}}"#, expiries.join(",")))
}

#[test]
fn surface_with_arbitrage_is_left_out_when_none_was_valid_before() {
	let mut node = one(SourceFormat::Json, document_of(&[(EXPIRY, bad_slice())]));
	assert_eq!(node.batch(), vec![spot(BTC, 64_000)]);
}

#[test]
fn surface_with_arbitrage_is_replaced_by_the_last_valid_one_at_its_level() {
	let mut node = one(SourceFormat::Json, document_of(&[(EXPIRY, bad_slice())]));
	node.execute(|| {
		for operator in [ALICE, BOB] {
			report(&operator, &[surface(BTC, EXPIRY, 100)]);
		}
		next_block();
	});
	let batch = node.batch();
	let Observation::Surface { surface, .. } = batch[1] else { panic!("{batch:?}") };
	let level = crate::surface::at_the_money;
	assert_eq!(level(&surface), level(&bad_slice()));
	assert_eq!((surface.b, surface.rho), (slice(0).b, slice(0).rho));
}

#[test]
fn later_of_two_surfaces_that_cross_is_left_out() {
	let crossing = [(EXPIRY, slice(200)), (EXPIRY + 1, slice(100))];
	let mut node = one(SourceFormat::Json, document_of(&crossing));
	assert_eq!(node.batch(), vec![spot(BTC, 64_000), surface(BTC, EXPIRY, 200)]);
}

#[test]
fn most_overdue_expiries_are_sent_first_when_not_all_fit() {
	let forwards: Vec<_> = (0..20)
		.map(|index| format!(r#"{{"expiry":{},"forward":"64000","rate":"0.04"}}"#, EXPIRY + index))
		.collect();
	let text = format!(r#"{{"spot":"64000","expiries":[{}]}}"#, forwards.join(","));
	let mut node = one(SourceFormat::Json, body(&text));
	let operator = node.operator.clone();
	let expiries = |batch: &[Observation]| -> Vec<u64> {
		let series = batch.iter().filter_map(|one| one.key().series());
		series.map(|(_, expiry)| expiry - EXPIRY).collect()
	};

	let first = node.batch();
	assert_eq!(first[0], spot(BTC, 64_000));
	assert_eq!(expiries(&first), (0..11).flat_map(|index| [index, index]).collect::<Vec<_>>());
	node.execute(|| {
		next_block();
		report(&operator, &first);
	});
	let second = node.batch();
	assert_eq!(second[0], spot(BTC, 64_000));
	let expected: Vec<_> = (11..20).chain(0..2).flat_map(|index| [index, index]).collect();
	assert_eq!(expiries(&second), expected);
}

#[test]
fn expiries_that_find_no_room_are_left_out() {
	let text = format!(
		r#"{{"spot":"64000","expiries":[{{"expiry":{},"forward":"64000"}}]}}"#,
		EXPIRY + 100
	);
	let mut node = one(SourceFormat::Json, body(&text));
	let operator = node.operator.clone();
	node.execute(|| {
		let full: Vec<_> = (0..24).map(|index| forward(BTC, EXPIRY + index, 64_000)).collect();
		report(&operator, &full);
	});
	assert_eq!(node.batch(), vec![spot(BTC, 64_000)]);
}

#[test]
fn feeder_does_nothing_when_it_has_no_key() {
	let mut node = Node::without_key(&[(BTC_SPOT, SourceFormat::Kraken, KRAKEN, kraken("64000"))]);
	assert_eq!(node.run(), Err(Idle::NoKey));
	assert!(node.calls().is_empty());
}

#[test]
fn feeder_does_nothing_when_its_key_is_not_an_operators() {
	let mut node = one(SourceFormat::Kraken, kraken("64000"));
	Members::set(vec![ALICE]);
	assert_eq!(node.run(), Err(Idle::NoKey));
	assert!(node.calls().is_empty());
}

#[test]
fn feeder_does_nothing_when_no_source_is_listed() {
	let mut node = Node::new(&[]);
	assert_eq!(node.run(), Err(Idle::NoSources));
}

#[test]
fn feeder_does_nothing_when_the_chain_has_no_time() {
	let mut node = one(SourceFormat::Kraken, kraken("64000"));
	Now::set(0);
	assert_eq!(node.run(), Err(Idle::NoTime));
	assert!(node.calls().is_empty());
}

#[test]
fn feeder_does_nothing_while_another_run_holds_the_lock() {
	let mut node = one(SourceFormat::Binance, binance("64000"));
	(node.set_clock)(1_000);
	node.execute(|| {
		let deadline = Timestamp::from_unix_millis(1_000 + LOCK_DEADLINE);
		StorageValueRef::persistent(LOCK_KEY).set(&deadline);
	});
	assert_eq!(node.run(), Err(Idle::Locked));
	assert!(node.calls().is_empty());
	// Its holder has died.
	(node.set_clock)(1_001 + LOCK_DEADLINE);
	assert_eq!(only_spot(node.batch()), usd(64_000));
}

#[test]
fn feeder_frees_the_lock_when_it_is_done() {
	let mut node = one(SourceFormat::Kraken, Answer::Broken);
	assert_eq!(node.run(), Err(Idle::NothingToSend));
	node.answer(DOCUMENT, kraken("64000"));
	assert_eq!(only_spot(node.batch()), usd(64_000));
	let locked = node.execute(|| StorageValueRef::persistent(LOCK_KEY).get::<Timestamp>());
	assert_eq!(locked, Ok(None));
}

#[test]
fn feeder_sends_nothing_while_its_last_batch_is_unconfirmed() {
	let mut node = one(SourceFormat::Binance, binance("64000"));
	node.batch();
	// The node's own view of the nonce is thrown away after each run.
	let operator = node.operator.clone();
	for _ in 0..4 {
		node.execute(|| {
			frame_system::Account::<Test>::remove(&operator);
			next_block();
		});
		assert_eq!(node.run(), Err(Idle::Unconfirmed));
	}
	node.execute(next_block);
	assert_eq!(only_spot(node.batch()), usd(64_000));
}

#[test]
fn feeder_sends_again_when_its_batch_was_taken() {
	let mut node = one(SourceFormat::Binance, binance("64000"));
	let batch = node.batch();
	let operator = node.operator.clone();
	node.execute(|| {
		frame_system::Account::<Test>::remove(&operator);
		next_block();
		report(&operator, &batch);
	});
	assert_eq!(only_spot(node.batch()), usd(64_000));
}

#[test]
fn feeder_sends_again_when_its_batch_was_included_and_refused() {
	let mut node = one(SourceFormat::Binance, binance("64000"));
	node.batch();
	let operator = node.operator.clone();
	node.execute(|| {
		next_block();
		frame_system::Account::<Test>::remove(&operator);
		System::inc_account_nonce(&operator);
	});
	assert_eq!(only_spot(node.batch()), usd(64_000));
}

#[test]
fn feeder_sends_anew_when_the_chain_stood_still() {
	let mut node = one(SourceFormat::Binance, binance("64000"));
	let old = node.batch();
	let operator = node.operator.clone();
	node.execute(|| {
		// The pool's view of the nonce is not the chain's.
		frame_system::Account::<Test>::remove(&operator);
		next_block_after(60 * 60 * 1_000);
		let submitted = Oracle::submit(RuntimeOrigin::signed(operator.clone()), batch(&old));
		assert_eq!(
			submitted.expect_err("it is old").error,
			crate::Error::<Test>::ChainStoodStill.into()
		);
		// Refused, but included.
		System::inc_account_nonce(&operator);
	});
	node.answer(DOCUMENT, binance("60000"));
	let new = node.batch();
	assert_eq!(only_spot(new.clone()), usd(60_000));
	node.execute(|| {
		next_block();
		report(&operator, &new);
	});
}

#[test]
fn feeder_forgets_what_another_operator_sent() {
	let mut node = one(SourceFormat::Binance, binance("64000"));
	node.execute(|| {
		let sent = Sent { operator: ALICE, block: 1u64, nonce: 0u32 };
		StorageValueRef::persistent(SENT_KEY).set(&sent);
	});
	assert_eq!(only_spot(node.batch()), usd(64_000));
}

#[test]
fn worker_runs_as_a_hook() {
	let mut node = one(SourceFormat::Binance, binance("64000"));
	node.execute(|| Oracle::offchain_worker(1));
	assert!(node.sent().is_some());
	node.execute(|| {
		assert_eq!(Values::<Test>::iter().count(), 0, "the worker itself writes nothing");
		assert!(Oracle::prices(UnderlyingId(0)).is_err());
	});
}

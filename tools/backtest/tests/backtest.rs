//! The run as a whole: no look-ahead, losses and margins from the engine, coverage.

use plimsoll_backtest::{
	backtest::{run, Observation, Setting},
	calibrate::{calibrate, split, Calibration},
	daily::{Day, Outcome},
	error::Error,
	input::{data_folder, read_set, sets_of, Reading},
	joint::RENEWAL_DAYS,
	market::Asset,
	portfolio::{Kind, Portfolio},
	smile::Smile,
	summary::Summary,
	time::{DAY, HOUR},
	volatility::{VolatilityLaw, VolatilityState},
};
use plimsoll_primitives::UnderlyingId;

const DAYS: usize = 220;
/// The first day whose price is changed.
const CHANGED: usize = 170;

fn assets() -> Vec<Asset> {
	let asset = |name: &str, id| Asset {
		name: name.into(),
		id: UnderlyingId(id),
		smile: Smile { skew: -0.2, curvature: 0.6 },
	};
	vec![asset("BTC", 0), asset("ETH", 1)]
}

/// Days whose closes are these prices, straight in between.
fn days(closes: &[f64]) -> Vec<Day> {
	let squared = |from: f64, to: f64| libm::log(to / from).powi(2);
	let day = |index: usize| {
		let close = closes[index];
		let before = if index == 0 { close } else { closes[index - 1] };
		let outcome = closes.get(index + 1).map(|next| Outcome {
			close: *next,
			high: next.max(close),
			low: next.min(close),
			variance: squared(close, *next),
		});
		let variance = squared(before, close);
		Day { day: 19_000 + index as i64, close, is_complete: true, variance, outcome }
	};
	(0..closes.len()).map(day).collect()
}

/// Two underlyings that wander; from [`CHANGED`] on, prices are `factor` times as high.
fn rows(factor: f64) -> Vec<Vec<Day>> {
	let price = |level: f64, step: f64, index: usize| {
		let wave = libm::sin(index as f64 * step) + 0.5 * libm::sin(index as f64 * 7.3 * step);
		let jump = if index >= CHANGED { factor } else { 1.0 };
		level * libm::exp(0.05 * wave) * jump
	};
	let series =
		|level, step| days(&(0..DAYS).map(|index| price(level, step, index)).collect::<Vec<_>>());
	let (first, second) = (series(60_000.0, 0.9), series(3_000.0, 1.3));
	first.into_iter().zip(second).map(|(a, b)| vec![a, b]).collect()
}

fn chosen(rows: &[Vec<Day>]) -> Calibration {
	calibrate(&assets(), rows, VolatilityLaw::default(), DAY, &[0.15, 0.18]).expect("enough days")
}

fn observed(rows: &[Vec<Day>], found: &Calibration) -> Vec<(Portfolio, Vec<Observation>)> {
	let assets = assets();
	let portfolios = Portfolio::all(assets.len());
	let law = VolatilityLaw::default();
	let (model, rules) = (&found.model, found.learning.rules);
	let renewal = RENEWAL_DAYS;
	let setting = Setting { assets: &assets, law, horizon: DAY, rules, renewal, model };
	let all = run(&setting, rows, &portfolios).expect("the engine values every portfolio");
	portfolios.into_iter().zip(all).collect()
}

#[test]
fn margins_are_the_same_when_only_the_future_changes() {
	let (calm, crash) = (rows(1.0), rows(0.5));
	let found = chosen(&calm[..CHANGED]);
	let (calm, crash) = (observed(&calm, &found), observed(&crash, &found));
	let changed_day = 19_000 + CHANGED as i64;
	let mut later_differ = false;
	for ((portfolio, calm), (_, crash)) in calm.iter().zip(&crash) {
		assert!(calm.len() > 100);
		for (a, b) in calm.iter().zip(crash) {
			let margins = |o: &Observation| (o.maintenance, o.initial, o.isolated);
			if a.day < changed_day {
				assert_eq!(margins(a), margins(b), "{portfolio:?} on day {}", a.day);
			} else {
				later_differ |= margins(a) != margins(b);
			}
			if a.day == changed_day - 1 && portfolio.kind == Kind::Long {
				assert!(b.loss > 0.4 && b.is_breach() && !a.is_breach());
			}
		}
	}
	assert!(later_differ);
}

#[test]
fn calibration_is_the_same_when_only_later_days_change() {
	let (calm, crash) = (rows(1.0), rows(0.5));
	// The last day that is seen knows the horizon after it: all of it lies before the change.
	let (a, b) = (chosen(&calm[..CHANGED - 1]), chosen(&crash[..CHANGED - 1]));
	assert_eq!((a.model, a.learning, a.joint), (b.model, b.learning, b.joint));
	assert_ne!(chosen(&calm).ranges, chosen(&crash).ranges);
	assert_eq!((split(10, 0.5), split(10, 1.0), split(0, 0.5)), (5, 10, 0));
}

#[test]
fn calibration_covers_its_own_history_and_is_a_model_the_engine_takes() {
	let found = chosen(&rows(1.0));
	found.model.validate().expect("a valid model");
	assert_eq!(found.ranges.len(), 2);
	for range in &found.ranges {
		// The grid reaches four thirds of the range.
		let covered = range.scan_range * 4.0 / 3.0 + 1e-9;
		assert!(covered >= range.shortfall && covered >= range.stressed);
		assert!(range.worst >= range.shortfall);
	}
	let aggregation = found.model.aggregation.expect("underlyings are aggregated");
	assert_eq!(aggregation.one_market.len(), 12);
	assert!(found.initial_factor >= 1.25 && found.floor >= 0.5);
	let joint = found.joint.validate().expect("joint risk that a chain takes");
	assert_eq!(joint.len(), found.joint.history.len());
	let few = calibrate(&assets(), &rows(1.0)[..50], VolatilityLaw::default(), DAY, &[]);
	assert!(matches!(few, Err(Error::TooFewDays { .. })));
}

#[test]
fn losses_are_those_of_the_positions() {
	let rows = rows(1.0);
	let all = observed(&rows, &chosen(&rows));
	let of = |kind: Kind| {
		let found = all.iter().find(|(p, _)| p.kind == kind && p.asset == 0);
		found.map(|(_, observations)| observations.as_slice()).unwrap_or_default()
	};
	let close = |day: i64| {
		rows.iter().find(|row| row[0].day == day).map(|row| [row[0].close, row[1].close])
	};
	for (long, short) in of(Kind::Long).iter().zip(of(Kind::Short)) {
		let [now, next] = [long.day, long.day + 1].map(|day| close(day).expect("the day"));
		assert!((long.loss - (1.0 - next[0] / now[0])).abs() < 1e-9);
		assert!((long.loss + short.loss).abs() < 1e-9);
		assert!(long.initial > long.maintenance && long.maintenance > 0.0);
		assert_eq!(long.isolated, long.initial);
	}
	for spread in of(Kind::Spread) {
		let [now, next] = [spread.day, spread.day + 1].map(|day| close(day).expect("the day"));
		let expected = 0.5 * (next[1] / now[1] - next[0] / now[0]);
		assert!((spread.loss - expected).abs() < 1e-9);
	}
	for synthetic in of(Kind::Synthetic) {
		assert!(synthetic.loss.abs() < 1e-9 && !synthetic.is_breach());
		assert!(synthetic.initial < 1e-9 && synthetic.isolated > 0.1);
	}
}

#[test]
fn summaries_count_breaches_rises_and_ratios() {
	let day = |index: i64, maintenance: f64, loss: f64| Observation {
		day: index,
		maintenance,
		initial: 1.25 * maintenance,
		isolated: 2.0 * maintenance,
		loss,
		worst_within: Some(loss.abs()),
		binding: if index % 3 == 0 { "up".into() } else { "down".into() },
	};
	let mut days: Vec<Observation> = (0..400).map(|index| day(index, 0.1, -0.05)).collect();
	days[200] = day(200, 0.1, 0.11);
	days[300] = day(300, 0.2, -0.3);
	let summary = Summary::of(&days, 249);
	assert_eq!(summary.coverage.breaches, 1);
	assert_eq!((summary.in_sample.days, summary.in_sample.breaches), (250, 1));
	assert_eq!((summary.out_of_sample.days, summary.out_of_sample.breaches), (150, 0));
	assert_eq!(summary.breaches_within, Some(2));
	assert!((summary.peak_to_trough - 2.0).abs() < 1e-12);
	assert!((summary.largest_rise.0 - 1.0).abs() < 1e-12 && summary.largest_rise.1 == 300);
	assert!((summary.efficiency - 1.0 / (1.25 * (0.1 + 0.1 / 400.0))).abs() < 1e-9);
	assert!((summary.least_efficiency - 4.0).abs() < 1e-12);
	assert_eq!(summary.worst, Some((200, 0.11, 0.1)));
	assert_eq!(summary.bindings, [("down".to_string(), 266), ("up".to_string(), 134)]);
	assert!(summary.is_covered());
}

#[test]
fn modelled_volatility_rises_at_once_and_falls_slowly() {
	let mut state = VolatilityState::new(VolatilityLaw::default());
	(0..100).for_each(|_| state = state.after(0.6 * 0.6 / 365.0, 1.0));
	let month = 30.0 / 365.0;
	assert!((state.implied(month) - 0.66).abs() < 1e-9);
	let shocked = state.after(0.04, 1.0);
	assert!(shocked.implied(month) > 1.2 * state.implied(month));
	assert!(shocked.implied(0.5) < shocked.implied(month));
	let calm = shocked.after(0.6 * 0.6 / 365.0, 1.0);
	assert!(calm.implied(month) > 0.95 * shocked.implied(month));
	// Half a day twice is about a day.
	let twice = state.after(0.02, 0.5).after(0.02, 0.5);
	assert!((twice.implied(month) / shocked.implied(month) - 1.0).abs() < 0.01);
}

#[test]
fn folder_of_market_data_is_read_when_there_is_one() {
	let Some(folder) = data_folder() else {
		println!("skipped: neither PLIMSOLL_DATA nor ../shared/data is a folder");
		return;
	};
	let reading = Reading { horizon: DAY, most_gap: 48 * HOUR, smile: None, numbers: &[] };
	for set in sets_of(&folder).expect("a readable folder") {
		let histories = read_set(&set, &reading).expect("files of bars");
		assert!(histories.rows.windows(2).all(|pair| pair[0][0].day < pair[1][0].day));
		assert!(histories.rows.len() > 100, "{} has {} days", set.name, histories.rows.len());
	}
}

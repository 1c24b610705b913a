#include "leadership.hpp"

#include "metrics.hpp"

#include <bongsu/core/assert.hpp>
#include <bongsu/core/log.hpp>

#include <boost/asio/experimental/awaitable_operators.hpp>

namespace bongsu::outbox {
namespace {

using postgres::Params;
using postgres::Rows;
using postgres::Xid;
using Clock = std::chrono::steady_clock;

// Below the oldest open transaction nothing can appear any more, so nothing that commits late is passed.
constexpr std::string_view kRead =
    "SELECT xid, sequence, id, topic, key, headers, value FROM outbox "
    "WHERE (xid, sequence) > ($1, $2) AND xid < pg_snapshot_xmin(pg_current_snapshot()) "
    "ORDER BY xid, sequence LIMIT $3";

// One statement, one snapshot: everything before its horizon is published.
constexpr std::string_view kPassHorizon =
    "UPDATE outbox_cursor SET xid = horizon.xid, sequence = 0 "
    "FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())) AS horizon(xid) "
    "WHERE horizon.xid > outbox_cursor.xid AND (outbox_cursor.xid, outbox_cursor.sequence) = ($1, $2) "
    "AND NOT EXISTS (SELECT FROM outbox WHERE (outbox.xid, outbox.sequence) > ($1, $2) AND outbox.xid < "
    "horizon.xid) "
    "RETURNING outbox_cursor.xid, outbox_cursor.sequence";

constexpr std::size_t kPageBytes = 1 << 20;
constexpr std::size_t kLeastPage = 16;
// Bookkeeping of a row in flight, on top of its bytes.
constexpr std::size_t kRowBytes = 200;

bool is_its_own_fault(const Error& error) {
  return error.code == ErrorCode::kTooLarge || error.code == ErrorCode::kInvalidArgument;
}

Position position_of(const Rows& rows, std::size_t row) {
  return {rows.get<Xid>(row, 0), rows.get<std::int64_t>(row, 1)};
}

}  // namespace

Leadership::Leadership(const asio::any_io_executor& executor, const RelaySettings& settings,
                       const MakePublisher& make_publisher, const OnRefused& on_refused,
                       postgres::Session& session)
    : executor_(executor),
      settings_(settings),
      make_publisher_(make_publisher),
      on_refused_(on_refused),
      session_(session),
      progress_(executor),
      moved_(executor),
      woken_(executor),
      care_(executor),
      page_rows_(settings.page_rows),
      delay_(settings.busy_poll) {}

Leadership::~Leadership() = default;

asio::awaitable<void> Leadership::lead() {
  using namespace asio::experimental::awaitable_operators;
  if (const auto begun = co_await begin(); !begun) {
    log::warning("outbox.leadership_failed", {{"why", begun.error().message}});
    co_return;
  }
  log::info("outbox.leading", {{"xid", window_.cursor().xid.value}, {"sequence", window_.cursor().sequence}});
  measured().leading.Set(1);
  co_await (read_and_publish() && keep_cursor() && take_care());
  publisher_.reset();
  for (auto* gauge : {&measured().leading, &measured().waiting_rows, &measured().waiting_seconds,
                      &measured().open_transaction_seconds})
    gauge->Set(0);
}

asio::awaitable<Result<void>> Leadership::begin() {
  constexpr std::string_view kCursor =
      "SELECT xid, sequence, xid > pg_snapshot_xmax(pg_current_snapshot()) FROM outbox_cursor";
  auto rows = co_await session_.query(kCursor);
  if (!rows) co_return std::unexpected(rows.error());
  if (rows->get<bool>(0, 2)) {
    log::warning("outbox.restored_from_another_server", {{"xid", rows->get<Xid>(0, 0).value}});
    const auto anew = co_await session_.query("SELECT outbox_begin_anew()", {}, std::chrono::minutes{5});
    if (!anew) co_return std::unexpected(anew.error());
    rows = co_await session_.query(kCursor);
    if (!rows) co_return std::unexpected(rows.error());
  }
  window_ = Window{position_of(*rows, 0)};
  written_ = read_to_ = window_.cursor();
  co_return Result<void>{};
}

void Leadership::wake() {
  new_rows_ = true;
  if (resting_) woken_.notify_all();
}

void Leadership::stop(Clock::time_point drain_deadline) {
  stopping_ = true;
  drain_deadline_ = drain_deadline;
  woken_.notify_all();
  progress_.notify_all();
}

void Leadership::lose(const Error& why) {
  if (over()) return;
  log::warning("outbox.leadership_lost", {{"why", why.message}});
  lost_ = true;
  progress_.notify_all();
  moved_.notify_all();
  woken_.notify_all();
  care_.notify_all();
}

void Leadership::finish() {
  finished_ = true;
  moved_.notify_all();
  care_.notify_all();
}

asio::awaitable<std::optional<Rows>> Leadership::query(std::string_view sql, Params params) {
  auto rows = co_await session_.query(sql, std::move(params));
  if (rows) co_return std::move(*rows);
  // Whatever it was: without certainty about the cursor there is no leading.
  lose(rows.error());
  co_return std::nullopt;
}

asio::awaitable<void> Leadership::read_and_publish() {
  using namespace asio::experimental::awaitable_operators;
  Page page;
  while (!over() && !stopping_) {
    if (broken_ || !publisher_) {
      co_await new_publisher();
      page = {};
    } else if (!suspects_.empty() || !refused_.empty()) {
      co_await settle_refusals();
    } else if (page.full) {
      // The server looks for the next page while we give this one to the publisher.
      auto next = co_await (read(read_to_) && publish(page.rows));
      page = std::move(next);
    } else {
      co_await publish(page.rows);
      page = {};
      if (halted()) continue;
      page = co_await read(read_to_);
      if (page.full) continue;
      if (page.rows.empty()) co_await pass_the_horizon();
      co_await publish(page.rows);
      page = {};
      co_await pause();
    }
  }
  co_await drain();
  finish();
}

asio::awaitable<Leadership::Page> Leadership::read(Position after) {
  const auto limit = page_rows_;
  auto rows = co_await query(kRead, Params::of(after.xid, after.sequence, static_cast<std::int64_t>(limit)));
  if (!rows || rows->empty()) co_return Page{};
  delay_ = settings_.busy_poll;
  read_to_ = position_of(*rows, rows->size() - 1);
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < rows->size(); ++i) bytes += rows->get<std::string_view>(i, 6).size();
  const auto each = bytes / rows->size() + 1;
  page_rows_ = std::clamp(kPageBytes / each, std::min(kLeastPage, settings_.page_rows), settings_.page_rows);
  const bool full = rows->size() == limit;
  co_return Page{.rows = std::move(*rows), .full = full};
}

asio::awaitable<void> Leadership::publish(const Rows& rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto position = position_of(rows, i);
    auto headers = decode_headers(rows.get<std::string_view>(i, 5));
    // Only our own encoder writes them; a row that breaks it must not be skipped silently.
    require(headers.has_value(), "the headers of an outbox row can be read");
    Event event{.id = rows.get<Uuid>(i, 2),
                .topic = rows.get<std::string>(i, 3),
                .key = rows.get<std::string>(i, 4),
                .headers = std::move(*headers),
                .value = rows.get<std::string>(i, 6)};
    if (!co_await publish_one(std::move(event), position)) co_return;
  }
}

asio::awaitable<bool> Leadership::publish_one(Event event, Position position) {
  const auto bytes = event.value.size() + kRowBytes;
  const auto full = [&] {
    return window_.size() >= settings_.max_in_flight ||
           (window_.bytes() + bytes > settings_.max_in_flight_bytes && !window_.empty());
  };
  while (!halted()) {
    if (full()) {
      co_await make_room();
      continue;
    }
    const auto token = window_.add(position, bytes);
    // NOLINTNEXTLINE(bugprone-use-after-move): publish() moves from what it accepts only
    const auto accepted = publisher_->publish(std::move(event), token);
    if (accepted) co_return true;
    if (is_its_own_fault(accepted.error())) {
      refused_.emplace_back(token, accepted.error().detail);
      co_return true;
    }
    window_.take_back();
    if (accepted.error().code == ErrorCode::kExhausted)
      co_await progress_.wait_for(settings_.retry);
    else
      report(token, accepted);
  }
  co_return false;
}

asio::awaitable<void> Leadership::make_room() {
  // Refused rows hold their place until they are settled; they may be what fills the window.
  if (!suspects_.empty() || !refused_.empty())
    co_await settle_refusals();
  else
    co_await progress_.wait();
}

void Leadership::report(std::uint64_t token, const Result<void>& outcome) {
  if (outcome) {
    complained_ = false;
    if (window_.settle(token)) moved_.notify_all();
  } else if (is_its_own_fault(outcome.error())) {
    if (alone_ == token)
      refused_.emplace_back(token, outcome.error().detail);
    else
      suspects_.push_back(token);
  } else if (!broken_) {
    broken_ = true;
    if (!std::exchange(complained_, true))
      log::warning("outbox.publish_failed", {{"why", outcome.error().message}});
  }
  if (alone_ == token) alone_.reset();
  progress_.notify_all();
}

asio::awaitable<void> Leadership::new_publisher() {
  if (publisher_) {
    measured().restarts.Increment();
    publisher_.reset();
    co_await woken_.wait_for(settings_.retry);
  }
  window_.clear();
  suspects_.clear();
  refused_.clear();
  alone_.reset();
  read_to_ = window_.cursor();
  broken_ = false;
  auto made =
      make_publisher_([this](std::uint64_t token, const Result<void>& outcome) { report(token, outcome); });
  if (made) {
    publisher_ = std::move(*made);
    co_return;
  }
  log::error("outbox.no_publisher", {{"why", made.error().message}});
  co_await woken_.wait_for(settings_.retry);
}

/// At rest the cursor goes to the horizon, so that whoever compares only transaction ids sees the last one
/// published as well.
asio::awaitable<void> Leadership::pass_the_horizon() {
  const auto cursor = window_.cursor();
  if (!window_.empty() || cursor.sequence == 0 || written_ != cursor) co_return;
  const auto rows = co_await query(kPassHorizon, Params::of(cursor.xid, cursor.sequence));
  if (!rows || rows->empty()) co_return;
  window_.jump(position_of(*rows, 0));
  written_ = read_to_ = window_.cursor();
}

asio::awaitable<void> Leadership::pause() {
  if (halted()) co_return;
  // Not more often than that, however often it is woken: a read costs the server as much as a small insert.
  co_await sleep_for(settings_.busy_poll);
  if (!new_rows_ && delay_ > settings_.busy_poll && !halted()) {
    resting_ = true;
    co_await woken_.wait_for(delay_ - settings_.busy_poll);
    resting_ = false;
  }
  delay_ = std::exchange(new_rows_, false) ? settings_.busy_poll : std::min(delay_ * 2, settings_.idle_poll);
}

asio::awaitable<void> Leadership::drain() {
  while (!interrupted() && window_.open() > 0 && suspects_.size() + refused_.size() < window_.open() &&
         Clock::now() < drain_deadline_)
    co_await progress_.wait_for(drain_deadline_ - Clock::now());
}

}  // namespace bongsu::outbox

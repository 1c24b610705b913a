#include <bongsu/core/log.hpp>
#include <bongsu/core/metrics.hpp>
#include <bongsu/events/reasons.hpp>
#include <bongsu/intake/dead_letters.hpp>

namespace bongsu::intake {
namespace {

using namespace std::chrono_literals;

constexpr auto kPause = 250ms;
/// A report that has not come by then is asked for again: a letter written twice is one letter, by its
/// origin's offset.
constexpr auto kDeliveryTimeout = 30s;

metrics::Counter& written(const std::string& reason) {
  return metrics::counter("dead_letters_total", "Records that could not be used", {{"reason", reason}});
}

metrics::Counter& refused() {
  return metrics::counter("dead_letters_refused_total", "Dead letters that Kafka refused for their own sake");
}

bool own_fault(const Error& error) {
  return error.code == ErrorCode::kTooLarge || error.code == ErrorCode::kInvalidArgument;
}

void tell_refused(const DeadLetter& letter, const Error& error) {
  refused().Increment();
  log::error("intake.dead_letter_refused", {{"topic", letter.death.topic},
                                            {"partition", letter.death.partition},
                                            {"offset", letter.death.offset},
                                            {"why", error.message}});
}

}  // namespace

Result<void> DeadLetters::ensure_producer() {
  if (producer_ && !producer_->fatal()) return {};
  producer_.reset();
  auto settings = settings_;
  settings.delivery_timeout = kDeliveryTimeout;
  auto opened = kafka::Producer::open(executor_, settings);
  if (!opened) return std::unexpected(opened.error());
  producer_.emplace(std::move(*opened));
  return {};
}

asio::awaitable<bool> DeadLetters::write(std::vector<DeadLetter> letters) {
  while (!letters.empty() && !given_up_) {
    if (const auto ready = ensure_producer(); !ready) {
      log::error("intake.no_producer", {{"why", ready.error().message}});
      co_await sleep_for(kPause);
      continue;
    }
    std::vector<kafka::Record> records;
    for (const auto& letter : letters) {
      kafka::Record record{.topic = topic_,
                           .partition = {},
                           .key = letter.key,
                           .value = letter.value.value_or(""),
                           .null_value = !letter.value,
                           .headers = letter.headers,
                           .timestamp = {}};
      events::write(record.headers, letter.death);
      records.push_back(std::move(record));
    }
    const auto reports = co_await producer_->send_all(std::move(records));
    std::vector<DeadLetter> again;
    for (std::size_t i = 0; i < reports.size(); ++i) {
      if (reports[i]) {
        written(letters[i].death.reason).Increment();
      } else if (own_fault(reports[i].error())) {
        tell_refused(letters[i], reports[i].error());
      } else {
        again.push_back(std::move(letters[i]));
      }
    }
    letters = std::move(again);
    if (!letters.empty()) co_await sleep_for(kPause);
  }
  const bool all_written = letters.empty();
  co_return all_written;
}

}  // namespace bongsu::intake

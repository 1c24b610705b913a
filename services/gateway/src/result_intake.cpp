#include "result_intake.hpp"

#include "halving.hpp"
#include "history.hpp"

#include <bongsu/events/event_types.hpp>
#include <bongsu/events/reasons.hpp>

#include <limits>

namespace bongsu::gateway {
namespace {

namespace v1 = events::v1;
namespace reason = events::reason;

constexpr std::uint32_t kMost = std::numeric_limits<std::int32_t>::max();

intake::Usable<Attempt> attempt_of(const v1::DeliveryResult& result) {
  const auto id = Uuid::parse(result.notification_id());
  const auto channel = events::from_proto(result.channel());
  const auto time = events::from_proto(result.time());
  if (!id) return intake::unusable(reason::kInvalidRequest, "notification_id is no UUID");
  if (!channel) return intake::unusable(reason::kInvalidRequest, "channel is none that is known");
  if (!result.has_time() || !time) return intake::unusable(reason::kInvalidRequest, "time is missing");
  const bool known = v1::DeliveryResult_Outcome_IsValid(result.outcome()) &&
                     result.outcome() != v1::DeliveryResult::OUTCOME_UNSPECIFIED;
  if (!known) return intake::unusable(reason::kInvalidRequest, "outcome is none that is known");
  if (result.generation() > kMost || result.attempt() > kMost || result.round() > kMost ||
      result.tries() > kMost) {
    return intake::unusable(reason::kInvalidRequest, "a count is out of range");
  }
  Attempt attempt{.notification_id = *id,
                  .channel = *channel,
                  .generation = result.generation(),
                  .attempt = result.attempt(),
                  .round = result.round(),
                  .time = *time,
                  .outcome = result.outcome(),
                  .reason = result.reason(),
                  .provider_code = result.provider_code(),
                  .tries = result.tries(),
                  .fallback = {}};
  if (const auto fallback = Uuid::parse(result.fallback_notification_id())) attempt.fallback = *fallback;
  return attempt;
}

}  // namespace

intake::Usable<std::optional<Attempt>> read_result(const kafka::Message& record) {
  auto result = intake::decode<v1::DeliveryResult>(record, events::type::kDeliveryResult);
  if (!result) return std::unexpected(std::move(result.error()));
  if (!result->job_id().empty()) return std::nullopt;
  auto attempt = attempt_of(*result);
  if (!attempt) return std::unexpected(std::move(attempt.error()));
  return std::move(*attempt);
}

asio::awaitable<Result<std::vector<intake::DeadLetter>>> take_results(
    postgres::Pool& pool, const std::string& group, const std::vector<kafka::Message>& records) {
  std::vector<intake::DeadLetter> letters;
  std::vector<Attempt> attempts;
  std::vector<std::size_t> places;
  for (std::size_t place = 0; place < records.size(); ++place) {
    auto read = read_result(records[place]);
    if (!read) {
      letters.push_back(intake::letter_of(records[place], std::move(read.error()), group));
    } else if (*read) {
      attempts.push_back(std::move(**read));
      places.push_back(place);
    }
  }
  auto write = [&](Range range) -> asio::awaitable<Result<std::vector<std::optional<Error>>>> {
    const auto first = attempts.begin() + static_cast<std::ptrdiff_t>(range.first);
    const auto noted =
        co_await note_attempts(pool, {first, first + static_cast<std::ptrdiff_t>(range.size())});
    if (!noted) co_return std::unexpected(noted.error());
    co_return std::vector<std::optional<Error>>(range.size());
  };
  auto alone = [](std::size_t, const Error& error) { return std::optional{error}; };
  const auto answers = co_await write_halving<std::optional<Error>>(attempts.size(), write, alone);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i]) continue;
    const bool bad_value = answers[i]->code == ErrorCode::kInvalidArgument;
    if (!bad_value) co_return std::unexpected(*answers[i]);
    letters.push_back(intake::letter_of(
        records[places[i]],
        {.reason = reason::kInvalidRequest, .message = "a text cannot be stored", .sealed_value = {}},
        group));
  }
  co_return letters;
}

}  // namespace bongsu::gateway

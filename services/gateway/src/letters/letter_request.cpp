#include "letters/letter_request.hpp"

#include "field_errors.hpp"

#include <bongsu/core/uuid.hpp>
#include <bongsu/events/channel.hpp>
#include <bongsu/events/codec.hpp>
#include <bongsu/events/reasons.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <limits>

namespace bongsu::gateway {
namespace {

using deadletters::v1::Filter;

constexpr std::array<std::string_view, 7> kListNames{"channel", "reason",   "jobId",    "from",
                                                     "to",      "pageSize", "pageToken"};
/// Of letters that no channel, but another service could not use.
constexpr std::string_view kEvents = "EVENTS";
constexpr std::size_t kMostIds = 10'000;
constexpr std::size_t kMostValues = 100;
constexpr double kMostPerSecond = 100'000;
constexpr std::int64_t kMostCanaries = 1'000'000;

/// Notes what is wrong under the name that the caller used.
using Refuse = std::function<void(std::string_view name, std::string_view code)>;

/// One part of a filter each: what a name's text means.
class FilterMaker {
 public:
  FilterMaker(Filter& filter, Refuse refuse) : filter_(filter), refuse_(std::move(refuse)) {}

  void channel(std::string_view name, std::string_view text) {
    if (text == kEvents) return filter_.add_channels(std::string{kEvents});
    const auto channel = events::parse_channel(text);
    if (!channel) return refuse_(name, "invalid_value");
    filter_.add_channels(std::string{events::upper_name_of(*channel)});
  }
  void reason(std::string_view name, const std::string& text) {
    if (!events::reason::is_known(text)) return refuse_(name, "invalid_value");
    filter_.add_reasons(text);
  }
  void job(const std::string& text) {
    const auto id = Uuid::parse(text);
    if (!id) return refuse_("jobId", "invalid_value");
    filter_.set_job(std::string{kJobPrefix} + id->str());
  }
  void time(std::string_view name, const std::string& text, google::protobuf::Timestamp& into) {
    const auto time = parse_rfc3339(text);
    if (!time) return refuse_(name, "invalid_time");
    into = events::to_proto(*time);
  }
  Filter& filter() { return filter_; }

 private:
  Filter& filter_;
  Refuse refuse_;
};

/// A name of one value, and its plural of several.
std::vector<std::string> one_or_more(http::ObjectReader& reader, std::string_view one,
                                     std::string_view several) {
  auto values = reader.texts(several, 1, kMostValues, {}, false);
  if (auto value = reader.optional_text(one)) values.push_back(std::move(*value));
  return values;
}

void read_filter(http::ObjectReader& reader, Filter& filter) {
  FilterMaker make{filter, [&](std::string_view name, std::string_view code) {
                     reader.refuse(name, std::string{code}, words_for(code));
                   }};
  for (const auto& text : one_or_more(reader, "channel", "channels")) make.channel("channel", text);
  for (const auto& text : one_or_more(reader, "reason", "reasons")) make.reason("reason", text);
  for (auto& text : one_or_more(reader, "providerCode", "providerCodes"))
    filter.add_provider_codes(std::move(text));
  if (const auto text = reader.optional_text("jobId")) make.job(*text);
  if (const auto text = reader.optional_text("from")) make.time("from", *text, *filter.mutable_from());
  if (const auto text = reader.optional_text("to")) make.time("to", *text, *filter.mutable_to());
  if (auto text = reader.optional_text("recipient")) filter.set_recipient(std::move(*text));
  if (const auto least =
          reader.integer("minReplayCount", 0, std::numeric_limits<std::int32_t>::max(), false)) {
    filter.set_min_replay_count(static_cast<std::int32_t>(*least));
  }
  reader.finish();
}

void read_page_size(const std::string& text, deadletters::v1::ListDeadLettersRequest& into,
                    FieldErrors& errors) {
  std::int32_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc{} || end != text.data() + text.size() || size < 1) {
    errors.add("pageSize", "invalid_value");
  }
  into.set_page_size(size);
}

void read_canary(http::ObjectReader& reader, deadletters::v1::Canary& canary) {
  if (const auto count = reader.integer("count", 1, kMostCanaries, true))
    canary.set_count(static_cast<std::int32_t>(*count));
  if (const auto share = reader.number("minSuccessRatio", 0, 1, true)) {
    if (*share <= 0) reader.refuse("minSuccessRatio", "not_positive", words_for("not_positive"));
    canary.set_min_success_ratio(*share);
  }
  reader.finish();
}

}  // namespace

Checked<deadletters::v1::ListDeadLettersRequest> read_list(const http::Request& request) {
  deadletters::v1::ListDeadLettersRequest list;
  FieldErrors errors;
  if (!request.query_is_valid()) errors.add("", "invalid_value");
  for (const auto& name : request.query_names()) {
    if (std::find(kListNames.begin(), kListNames.end(), name) == kListNames.end())
      errors.add(name, "unknown_field");
  }
  FilterMaker make{*list.mutable_filter(),
                   [&](std::string_view name, std::string_view code) { errors.add(name, code); }};
  auto& filter = make.filter();
  // An empty value, as a form sends it, is none.
  const auto given = [&](std::string_view name) {
    auto text = request.query(name);
    return text && text->empty() ? std::nullopt : std::move(text);
  };
  if (const auto text = given("channel")) make.channel("channel", *text);
  if (const auto text = given("reason")) make.reason("reason", *text);
  if (const auto text = given("jobId")) make.job(*text);
  if (const auto text = given("from")) make.time("from", *text, *filter.mutable_from());
  if (const auto text = given("to")) make.time("to", *text, *filter.mutable_to());
  if (const auto text = given("pageSize")) read_page_size(*text, list, errors);
  if (auto text = given("pageToken")) list.set_page_token(std::move(*text));
  if (!errors.none()) return std::unexpected(http::invalid_request(errors.take()));
  return list;
}

Checked<deadletters::v1::CreateReplayRequest> read_plan(const std::string& body) {
  const auto json = http::Json::parse(body);
  if (!json) return std::unexpected(http::invalid_request(json.error()));
  http::ObjectReader reader{json->object()};
  deadletters::v1::CreateReplayRequest plan;
  for (const auto& id : reader.texts("ids", 1, kMostIds, {}, false)) {
    plan.add_names(id.starts_with(kLetterPrefix) ? id : std::string{kLetterPrefix} + id);
  }
  if (auto filter = reader.object("filter", false)) {
    read_filter(*filter, *plan.mutable_filter());
    reader.add_errors_of(*filter);
  }
  reader.finish();
  if (reader.has("filter") == reader.has("ids")) {
    const auto* code = reader.has("filter") ? "not_allowed" : "required";
    reader.refuse(reader.has("filter") ? "ids" : "filter", code, words_for(code));
  }
  if (!reader.ok()) return std::unexpected(http::invalid_request(reader.errors()));
  return plan;
}

Checked<deadletters::v1::ExecuteReplayRequest> read_execution(std::string_view id, const std::string& body) {
  const auto json = http::Json::parse(body);
  if (!json) return std::unexpected(http::invalid_request(json.error()));
  http::ObjectReader reader{json->object()};
  deadletters::v1::ExecuteReplayRequest execution;
  execution.set_name(std::string{kReplayPrefix}.append(id));
  execution.set_digest(reader.text("digest"));
  if (const auto rate = reader.number("ratePerSecond", 0, kMostPerSecond, true)) {
    if (*rate <= 0) reader.refuse("ratePerSecond", "not_positive", words_for("not_positive"));
    execution.set_rate_per_second(*rate);
  }
  if (auto canary = reader.object("canary", false)) {
    read_canary(*canary, *execution.mutable_canary());
    reader.add_errors_of(*canary);
  }
  reader.finish();
  if (!reader.ok()) return std::unexpected(http::invalid_request(reader.errors()));
  return execution;
}

}  // namespace bongsu::gateway

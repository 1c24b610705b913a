#include "filter.hpp"

#include "recipient.hpp"

#include <bongsu/events/codec.hpp>
#include <bongsu/events/reasons.hpp>

#include <algorithm>

namespace bongsu::deadletters {
namespace {

constexpr std::string_view kLetters = "deadLetters/";
constexpr std::string_view kJobs = "jobs/";
constexpr std::string_view kReplays = "replays/";
constexpr int kMostNames = 10'000;
constexpr int kMostValues = 100;
constexpr std::string_view kEvents = "EVENTS";

std::optional<Uuid> id_in(std::string_view name, std::string_view prefix) {
  if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  const auto id = Uuid::parse(name);
  if (!id) return std::nullopt;
  return *id;
}

template <class T>
void keep_each_once(std::vector<T>& values) {
  std::ranges::sort(values);
  const auto rest = std::ranges::unique(values);
  values.erase(rest.begin(), rest.end());
}

/// Reads a filter's fields and keeps what is wrong with them.
class Fields {
 public:
  Fields(const v1::Filter& filter, const security::KeyedHash& hash) : filter_(filter), hash_(hash) {}

  rpc::Answer<Query> read() {
    read_channels();
    read_reasons();
    read_codes();
    query_.job = read_name("filter.job", filter_.job(), kJobs);
    query_.replay = read_name("filter.replay", filter_.replay(), kReplays);
    query_.notification = read_name("filter.notification_id", filter_.notification_id(), "");
    read_times();
    read_recipient();
    read_states();
    if (filter_.min_replay_count() < 0)
      refuse("filter.min_replay_count", "out_of_range", "must not be below 0");
    query_.min_replays = filter_.min_replay_count();
    if (!violations_.empty()) return rpc::refuse_fields(std::move(violations_));
    return std::move(query_);
  }

 private:
  void refuse(std::string field, std::string reason, std::string description) {
    violations_.push_back({std::move(field), std::move(reason), std::move(description)});
  }

  bool too_many(const std::string& field, int count) {
    if (count > kMostValues) refuse(field, "too_many", "takes at most 100 values");
    return count > kMostValues;
  }

  void read_channels() {
    if (too_many("filter.channels", filter_.channels_size())) return;
    for (const auto& text : filter_.channels()) {
      const auto channel = events::parse_channel(text);
      if (channel) {
        query_.channels.push_back(static_cast<std::int16_t>(events::to_proto(*channel)));
      } else if (text == kEvents) {
        query_.channels.push_back(0);
      } else {
        refuse("filter.channels", "unknown_channel",
               "are EMAIL, COUPON, KAKAO, SMS, and EVENTS for what no channel but another service could not "
               "use");
      }
    }
    keep_each_once(query_.channels);
  }

  void read_reasons() {
    if (too_many("filter.reasons", filter_.reasons_size())) return;
    for (const auto& text : filter_.reasons()) {
      if (events::reason::is_known(text)) {
        query_.reasons.push_back(text);
      } else {
        std::string known;
        for (const auto reason : events::reason::kAll) known.append(known.empty() ? "" : ", ").append(reason);
        refuse("filter.reasons", "unknown_reason", "are of " + known);
      }
    }
    keep_each_once(query_.reasons);
  }

  void read_codes() {
    if (too_many("filter.provider_codes", filter_.provider_codes_size())) return;
    for (const auto& text : filter_.provider_codes()) {
      if (text.find('\0') != std::string::npos) {
        refuse("filter.provider_codes", "malformed", "are text without zero bytes");
      } else {
        query_.provider_codes.push_back(text);
      }
    }
    keep_each_once(query_.provider_codes);
  }

  std::optional<Uuid> read_name(std::string field, const std::string& text, std::string_view prefix) {
    if (text.empty()) return std::nullopt;
    const auto id = id_in(text, prefix);
    if (!id) refuse(std::move(field), "malformed", "is called " + std::string{prefix} + "{a UUID}");
    return id;
  }

  void read_times() {
    if (filter_.has_from()) query_.from = read_time("filter.from", filter_.from());
    if (filter_.has_to()) query_.to = read_time("filter.to", filter_.to());
    if (query_.from && query_.to && *query_.from >= *query_.to)
      refuse("filter.to", "before_from", "must be later than from");
  }

  std::optional<Timestamp> read_time(std::string field, const google::protobuf::Timestamp& time) {
    auto read = events::from_proto(time);
    if (!read) refuse(std::move(field), "out_of_range", "must be a time of the years 1 to 9999");
    return read;
  }

  void read_recipient() {
    if (filter_.recipient().empty()) return;
    if (recipient_identity(filter_.recipient()).empty()) {
      refuse("filter.recipient", "empty", "must be a whole address or phone number");
    } else {
      query_.recipient_hash = recipient_hash(hash_, filter_.recipient());
    }
  }

  void read_states() {
    if (too_many("filter.states", filter_.states_size())) return;
    for (const auto state : filter_.states()) {
      if (!v1::DeadLetter::State_IsValid(state) || state == v1::DeadLetter::STATE_UNSPECIFIED) {
        refuse("filter.states", "unknown_state", "are OPEN, REPLAYING, DELIVERED, DEAD_AGAIN, DISCARDED");
      } else {
        query_.states.push_back(static_cast<std::int16_t>(state));
      }
    }
    keep_each_once(query_.states);
  }

  const v1::Filter& filter_;
  const security::KeyedHash& hash_;
  Query query_;
  std::vector<rpc::FieldViolation> violations_;
};

}  // namespace

rpc::Answer<Query> read_filter(const v1::Filter& filter, const security::KeyedHash& hash) {
  return Fields{filter, hash}.read();
}

rpc::Answer<Uuid> read_letter_name(std::string_view name, const std::string& field) {
  const auto id = id_in(name, kLetters);
  if (!id) return rpc::refuse_fields({{field, "malformed", "is called deadLetters/{a UUID}"}});
  return *id;
}

rpc::Answer<std::vector<Uuid>> read_letter_names(
    const google::protobuf::RepeatedPtrField<std::string>& names) {
  if (names.size() > kMostNames)
    return rpc::refuse_fields({{"names", "too_many", "takes at most 10,000; use a filter for more"}});
  std::vector<Uuid> ids;
  ids.reserve(static_cast<std::size_t>(names.size()));
  for (const auto& name : names) {
    auto id = read_letter_name(name, "names");
    if (!id) return std::unexpected(std::move(id.error()));
    ids.push_back(*id);
  }
  keep_each_once(ids);
  return ids;
}

std::string name_of_letter(const Uuid& id) { return std::string{kLetters} + id.str(); }

}  // namespace bongsu::deadletters

#include "faults.hpp"

#include <bongsu/core/bytes.hpp>
#include <bongsu/http/json.hpp>

#include <boost/json/object.hpp>

namespace bongsu::simulator {
namespace {

/// In [0, 1), the same for the same recipient.
double place_of(std::string_view recipient) {
  const auto hash = sha256(recipient);
  return (hash[0] * 65536.0 + hash[1] * 256.0 + hash[2]) / 16777216.0;
}

Fault parse_fault(http::ObjectReader& reader) {
  Fault fault;
  if (const auto channel = reader.choice("channel", {"kakao", "sms"}, true))
    fault.channel = *channel == 0 ? "kakao" : "sms";
  fault.recipient = reader.optional_text("recipient");
  fault.recipient_share = reader.number("recipientShare", 0, 1, false);
  fault.probability = reader.number("probability", 0, 1, false).value_or(1.0);
  fault.count = reader.integer("count", 0, 1'000'000'000, false);
  fault.status = static_cast<int>(reader.integer("status", 200, 599, false).value_or(0));
  fault.drop = reader.boolean("drop", false).value_or(false);
  fault.delay = std::chrono::milliseconds{reader.integer("delayMs", 0, 3'600'000, false).value_or(0)};
  fault.retry_after = reader.integer("retryAfter", 0, 86'400, false);
  reader.finish();
  return fault;
}

}  // namespace

std::optional<Fault> Faults::strike(std::string_view channel, std::optional<std::string_view> recipient) {
  for (auto& fault : faults_) {
    if (!matches(fault, channel, recipient)) continue;
    if (fault.count) --*fault.count;
    return fault;
  }
  return std::nullopt;
}

bool Faults::matches(const Fault& fault, std::string_view channel,
                     std::optional<std::string_view> recipient) {
  constexpr std::uint64_t kParts = 1'000'000;
  if (fault.channel != channel || (fault.count && *fault.count == 0)) return false;
  if (fault.recipient && fault.recipient != recipient) return false;
  if (fault.recipient_share && (!recipient || place_of(*recipient) >= *fault.recipient_share)) return false;
  return fault.probability >= 1.0 ||
         static_cast<double>(random_.below(kParts)) < fault.probability * static_cast<double>(kParts);
}

std::expected<std::vector<Fault>, std::vector<http::FieldError>> parse_faults(std::string_view json) {
  // The reader takes objects; the list becomes the only member of one.
  const auto parsed = http::Json::parse(std::string{"{\"faults\":"}.append(json).append("}"));
  if (!parsed) return std::unexpected(std::vector{parsed.error()});
  http::ObjectReader reader{parsed->object()};
  std::vector<Fault> faults;
  auto given = reader.objects("faults", 0, 1000);
  faults.reserve(given.size());
  for (auto& each : given) {
    faults.push_back(parse_fault(each));
    reader.add_errors_of(each);
  }
  reader.finish();
  if (!reader.ok()) return std::unexpected(reader.errors());
  return faults;
}

}  // namespace bongsu::simulator

#include <bongsu/core/assert.hpp>
#include <bongsu/core/bytes.hpp>
#include <bongsu/events/codec.hpp>
#include <bongsu/events/reasons.hpp>

#include <limits>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/util/json_util.h>

namespace bongsu::events {
namespace {

namespace protobuf = google::protobuf;

// 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z, as timestamp.proto says.
constexpr std::int64_t kLeastSeconds = -62135596800;
constexpr std::int64_t kMostSeconds = 253402300799;

std::unexpected<Error> undecodable(std::string message) {
  return fail(ErrorCode::kInvalidArgument, std::move(message), std::string{reason::kUndecodable});
}

/// The parser's own words repeat the value. Of them only the path's first name is taken, and only
/// when it is a field of ours: "(signedUpAt): …" tells the sender where to look, and nobody else
/// anything private.
std::string blamed_field(const protobuf::Descriptor& descriptor, std::string_view words) {
  const auto open = words.find('(');
  if (open == std::string_view::npos) return {};
  const auto path = words.substr(open + 1);
  const auto name = path.substr(0, path.find_first_of(".[)"));
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const auto* field = descriptor.field(i);
    if (field->json_name() == name || field->name() == name) return field->json_name();
  }
  return {};
}

Result<void> read_json(protobuf::Message& message, std::string_view text) {
  if (!is_utf8(text)) return undecodable("the JSON is not UTF-8");
  const auto start = text.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos || text[start] != '{') return undecodable("not a JSON object");
  protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  const auto status =
      protobuf::util::JsonStringToMessage(protobuf::StringPiece{text.data(), text.size()}, &message, options);
  if (status.ok()) return {};
  const auto words = status.message();
  const auto field = blamed_field(*message.GetDescriptor(), {words.data(), words.size()});
  if (field.empty()) return undecodable("malformed JSON");
  return undecodable("JSON field " + field + " has the wrong type or form");
}

}  // namespace

Result<void> decode_into(protobuf::Message& message, std::optional<std::string_view> value,
                         ContentType type) {
  if (!value || value->empty()) return undecodable("the value is empty");
  if (value->size() > std::numeric_limits<int>::max()) return undecodable("the value is too large");
  // protobuf would print a line for each malformed string: bytes of others must not fill the log.
  const protobuf::LogSilencer silence;
  if (type == ContentType::kJson) return read_json(message, *value);
  if (message.ParseFromArray(value->data(), static_cast<int>(value->size()))) return {};
  return undecodable("not protobuf of " + message.GetDescriptor()->full_name());
}

std::string encode(const protobuf::Message& message) {
  std::string bytes;
  bytes.reserve(message.ByteSizeLong());
  {
    protobuf::io::StringOutputStream stream{&bytes};
    protobuf::io::CodedOutputStream coded{&stream};
    coded.SetSerializationDeterministic(true);
    require(message.SerializeToCodedStream(&coded), "a message of ours can be serialized");
  }
  return bytes;
}

std::string encode_json(const protobuf::Message& message) {
  std::string text;
  const auto status = protobuf::util::MessageToJsonString(message, &text);
  require(status.ok(), "a message of ours has a JSON form");
  return text;
}

protobuf::Timestamp to_proto(Timestamp time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  protobuf::Timestamp made;
  made.set_seconds(seconds.time_since_epoch().count());
  made.set_nanos(static_cast<std::int32_t>(std::chrono::nanoseconds{time - seconds}.count()));
  return made;
}

std::optional<Timestamp> from_proto(const protobuf::Timestamp& time) {
  if (time.seconds() < kLeastSeconds || time.seconds() > kMostSeconds) return std::nullopt;
  if (time.nanos() < 0 || time.nanos() > 999'999'999) return std::nullopt;
  return Timestamp{std::chrono::seconds{time.seconds()} +
                   std::chrono::floor<std::chrono::milliseconds>(std::chrono::nanoseconds{time.nanos()})};
}

}  // namespace bongsu::events

#include <bongsu/core/bytes.hpp>
#include <bongsu/http/json.hpp>

#include <algorithm>
#include <array>

#include <boost/json.hpp>
#include <boost/json/basic_parser_impl.hpp>

namespace bongsu::http {
namespace {

namespace json = boost::json;
using json::error_code;
using json::string_view;

constexpr std::size_t kMostLevels = 32;

/// Builds the value as Boost.JSON's own parser does, and refuses what that one lets pass.
class StrictHandler {
 public:
  static constexpr std::size_t max_object_size = 64;  // NOLINT(readability-identifier-naming): Boost's names
  static constexpr std::size_t max_array_size = 1'000'000;   // NOLINT(readability-identifier-naming)
  static constexpr std::size_t max_key_size = 256;           // NOLINT(readability-identifier-naming)
  static constexpr std::size_t max_string_size = 64U << 20;  // NOLINT(readability-identifier-naming)

  explicit StrictHandler(const json::storage_ptr& storage) { values_.reset(storage); }

  json::value release() { return values_.release(); }
  const std::optional<FieldError>& refusal() const { return refusal_; }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) {
    objects_.push_back(names_.size());
    return true;
  }
  bool on_object_end(std::size_t size, error_code&) {
    names_.resize(objects_.back());
    objects_.pop_back();
    values_.push_object(size);
    return true;
  }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(std::size_t size, error_code&) {
    values_.push_array(size);
    return true;
  }
  bool on_key_part(string_view part, std::size_t, error_code& error) {
    name_.append(part.data(), part.size());
    values_.push_chars(part);
    return holds_no_zero(part, error);
  }
  bool on_key(string_view part, std::size_t, error_code& error) {
    name_.append(part.data(), part.size());
    values_.push_key(part);
    return holds_no_zero(part, error) && is_new_name(error);
  }
  bool on_string_part(string_view part, std::size_t, error_code& error) {
    values_.push_chars(part);
    return holds_no_zero(part, error);
  }
  bool on_string(string_view part, std::size_t, error_code& error) {
    values_.push_string(part);
    return holds_no_zero(part, error);
  }
  bool on_number_part(string_view, error_code&) { return true; }
  bool on_int64(std::int64_t number, string_view, error_code&) {
    values_.push_int64(number);
    return true;
  }
  bool on_uint64(std::uint64_t number, string_view, error_code&) {
    values_.push_uint64(number);
    return true;
  }
  bool on_double(double number, string_view, error_code&) {
    values_.push_double(number);
    return true;
  }
  bool on_bool(bool value, error_code&) {
    values_.push_bool(value);
    return true;
  }
  bool on_null(error_code&) {
    values_.push_null();
    return true;
  }
  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }

 private:
  bool holds_no_zero(string_view text, error_code& error) {
    if (text.find('\0') == string_view::npos) return true;
    return refuse(error,
                  {"", "invalid_character", {"U+0000 문자는 허용되지 않습니다.", "U+0000 is not allowed."}});
  }

  /// Objects are bounded to 64 names: looking through them is faster than a table.
  bool is_new_name(error_code& error) {
    const auto first = names_.begin() + static_cast<std::ptrdiff_t>(objects_.back());
    if (std::find(first, names_.end(), name_) != names_.end()) {
      return refuse(error, {std::exchange(name_, {}),
                            "duplicate_field",
                            {"필드가 두 번 이상 나타납니다.", "The field appears more than once."}});
    }
    names_.push_back(std::exchange(name_, {}));
    return true;
  }

  bool refuse(error_code& error, FieldError refusal) {
    refusal_ = std::move(refusal);
    error = json::error::input_error;
    return false;
  }

  json::value_stack values_;
  std::string name_;
  std::vector<std::string> names_;    // of all objects that are open, outermost first
  std::vector<std::size_t> objects_;  // where each open object's names begin
  std::optional<FieldError> refusal_;
};

FieldError malformed() {
  return {"", "malformed", {"본문이 올바른 JSON 객체가 아닙니다.", "The body is not a JSON object."}};
}

FieldError explain(error_code error, std::string_view text) {
  if (error == json::error::too_deep) {
    return {"", "too_deep", {"중첩은 최대 32단계입니다.", "At most 32 levels of nesting are allowed."}};
  }
  if (error == json::error::object_too_large) {
    return {"", "too_many", {"객체의 필드는 최대 64개입니다.", "An object may have at most 64 fields."}};
  }
  if (!is_utf8(text)) {
    return {
        "", "invalid_character", {"본문이 올바른 UTF-8이 아닙니다.", "The body is not well-formed UTF-8."}};
  }
  return malformed();
}

json::parse_options strict() {
  json::parse_options options;
  options.max_depth = kMostLevels;
  return options;
}

}  // namespace

struct Json::Document {
  std::array<unsigned char, 4096> first_bytes;  // most bodies fit: one allocation, with the document
  json::monotonic_resource memory{first_bytes.data(), first_bytes.size()};
  std::optional<json::value> value;
};

Json::Json(std::unique_ptr<Document> document) : document_(std::move(document)) {}
Json::Json(Json&&) noexcept = default;
Json& Json::operator=(Json&&) noexcept = default;
Json::~Json() = default;

std::expected<Json, FieldError> Json::parse(std::string_view text) {
  auto document = std::make_unique_for_overwrite<Document>();
  json::basic_parser<StrictHandler> parser{strict(), json::storage_ptr{&document->memory}};
  error_code error;
  const auto read = parser.write_some(false, text.data(), text.size(), error);
  if (parser.handler().refusal()) return std::unexpected(*parser.handler().refusal());
  if (!error && read != text.size()) error = json::error::extra_data;
  if (error) return std::unexpected(explain(error, text));
  document->value.emplace(parser.handler().release());
  if (!document->value->is_object()) return std::unexpected(malformed());
  return Json{std::move(document)};
}

const json::object& Json::object() const { return document_->value->get_object(); }

void append_json_text(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out.reserve(out.size() + text.size() + 2);
  out += '"';
  const auto is_plain = [](char c) { return c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20; };
  while (!text.empty()) {
    const auto plain = static_cast<std::size_t>(std::ranges::find_if_not(text, is_plain) - text.begin());
    out.append(text.substr(0, plain));
    if (plain == text.size()) break;
    const auto byte = static_cast<unsigned char>(text[plain]);
    if (byte == '\n') {
      out += "\\n";
    } else if (byte < 0x20) {
      out.append("\\u00").append(1, kHex[byte >> 4]).append(1, kHex[byte & 15]);
    } else {
      out.append(1, '\\').append(1, text[plain]);
    }
    text.remove_prefix(plain + 1);
  }
  out += '"';
}

}  // namespace bongsu::http

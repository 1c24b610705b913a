#include <bongsu/core/bytes.hpp>
#include <bongsu/http/json.hpp>

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace bongsu::http {
namespace {

namespace json = boost::json;

Text at_least(std::size_t count, const char* korean_unit, const char* english_unit) {
  const auto number = std::to_string(count);
  return {"최소 " + number + korean_unit + "여야 합니다.",
          "At least " + number + " " + english_unit + " needed."};
}
Text at_most(std::size_t count, const char* korean_unit, const char* english_unit) {
  const auto number = std::to_string(count);
  return {"최대 " + number + korean_unit + "까지 가능합니다.",
          "At most " + number + " " + english_unit + " allowed."};
}
Text wrong_type(const char* korean, const char* english) {
  return {std::string{korean} + "이어야 합니다.", std::string{"This must be "} + english + "."};
}
Text required_text() { return {"필수 항목입니다.", "This field is required."}; }

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

std::string joined(std::initializer_list<std::string_view> names) {
  std::string text;
  for (const auto name : names) text.append(text.empty() ? "" : ", ").append(name);
  return text;
}

}  // namespace

ObjectReader::ObjectReader(const json::object& object, std::string path)
    : object_(&object), path_(std::move(path)) {}

std::string ObjectReader::path_of(std::string_view name) const {
  return path_.empty() ? std::string{name} : path_ + "." + std::string{name};
}

void ObjectReader::note(std::string field, std::string code, Text message) {
  errors_.push_back({std::move(field), std::move(code), std::move(message)});
}

void ObjectReader::refuse(std::string_view name, std::string code, Text message) {
  note(path_of(name), std::move(code), std::move(message));
}

void ObjectReader::add_errors_of(const ObjectReader& inner) {
  errors_.insert(errors_.end(), inner.errors_.begin(), inner.errors_.end());
}

bool ObjectReader::has(std::string_view name) const {
  const auto* const value = object_->if_contains({name.data(), name.size()});
  return value != nullptr && !value->is_null();
}

const json::value* ObjectReader::take(std::string_view name, bool required) {
  asked_.push_back(name);
  const auto* const value = object_->if_contains({name.data(), name.size()});
  if (value != nullptr && !value->is_null()) return value;
  if (required) note(path_of(name), "required", required_text());
  return nullptr;
}

std::optional<std::string> ObjectReader::checked_text(std::string_view field, const json::value& value,
                                                      TextRule rule) {
  if (!value.is_string()) {
    note(std::string{field}, "wrong_type", wrong_type("문자열", "a text"));
    return std::nullopt;
  }
  const auto text = view(value.get_string());
  // Bytes bound characters: a short text needs no counting.
  const auto characters =
      text.size() < rule.min || text.size() > rule.max || rule.min > 1 ? count_characters(text) : text.size();
  if (text.size() < rule.min || characters < rule.min) {
    note(std::string{field}, rule.min == 1 ? "required" : "too_short",
         rule.min == 1 ? required_text() : at_least(rule.min, "자", "characters are"));
    return std::nullopt;
  }
  if (text.size() > rule.max_bytes) {
    note(std::string{field}, "too_long", at_most(rule.max_bytes, "바이트", "bytes are"));
    return std::nullopt;
  }
  if (characters > rule.max) {
    note(std::string{field}, "too_long", at_most(rule.max, "자", "characters are"));
    return std::nullopt;
  }
  return std::string{text};
}

std::string ObjectReader::text(std::string_view name, TextRule rule) {
  const auto* const value = take(name, true);
  if (value == nullptr) return {};
  return checked_text(path_of(name), *value, rule).value_or(std::string{});
}

std::optional<std::string> ObjectReader::optional_text(std::string_view name, TextRule rule) {
  const auto* const value = take(name, false);
  if (value == nullptr) return std::nullopt;
  return checked_text(path_of(name), *value, rule);
}

std::optional<std::size_t> ObjectReader::choice(std::string_view name,
                                                std::initializer_list<std::string_view> allowed,
                                                bool required) {
  const auto* const value = take(name, required);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) {
    refuse(name, "wrong_type", wrong_type("문자열", "a text"));
    return std::nullopt;
  }
  const auto* const hit = std::ranges::find(allowed, view(value->get_string()));
  if (hit != allowed.end()) return static_cast<std::size_t>(hit - allowed.begin());
  const auto names = joined(allowed);
  refuse(name, "not_allowed", {"다음 중 하나여야 합니다: " + names, "This must be one of " + names + "."});
  return std::nullopt;
}

std::optional<double> ObjectReader::number(std::string_view name, double least, double most, bool required) {
  const auto* const value = take(name, required);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number()) {
    refuse(name, "wrong_type", wrong_type("숫자", "a number"));
    return std::nullopt;
  }
  const auto given = value->to_number<double>();
  if (given < least || given > most) {
    const auto bounds = fmt::format("{}–{}", least, most);
    refuse(name, "out_of_range", {bounds + " 사이여야 합니다.", "This must be within " + bounds + "."});
    return std::nullopt;
  }
  return given;
}

std::optional<std::int64_t> ObjectReader::integer(std::string_view name, std::int64_t least,
                                                  std::int64_t most, bool required) {
  const auto* const value = take(name, required);
  if (value == nullptr) return std::nullopt;
  if (!value->is_int64()) {
    const bool huge = value->is_uint64();
    refuse(
        name, huge ? "too_large" : "wrong_type",
        huge ? Text{"값이 너무 큽니다.", "The value is too large."} : wrong_type("정수", "a whole number"));
    return std::nullopt;
  }
  const auto number = value->get_int64();
  if (number < least) {
    const auto bound = std::to_string(least);
    refuse(name, "too_small", {bound + " 이상이어야 합니다.", "This must be at least " + bound + "."});
    return std::nullopt;
  }
  if (number > most) {
    const auto bound = std::to_string(most);
    refuse(name, "too_large", {bound + " 이하여야 합니다.", "This must be at most " + bound + "."});
    return std::nullopt;
  }
  return number;
}

std::optional<bool> ObjectReader::boolean(std::string_view name, bool required) {
  const auto* const value = take(name, required);
  if (value == nullptr) return std::nullopt;
  if (value->is_bool()) return value->get_bool();
  refuse(name, "wrong_type", wrong_type("true 또는 false", "true or false"));
  return std::nullopt;
}

std::optional<ObjectReader> ObjectReader::object(std::string_view name, bool required) {
  const auto* const value = take(name, required);
  if (value == nullptr) return std::nullopt;
  if (value->is_object()) return ObjectReader{value->get_object(), path_of(name)};
  refuse(name, "wrong_type", wrong_type("객체", "an object"));
  return std::nullopt;
}

const json::array* ObjectReader::take_list(std::string_view name, std::size_t least, std::size_t most,
                                           bool required) {
  const auto* const value = take(name, required);
  if (value == nullptr) return nullptr;
  if (!value->is_array()) {
    refuse(name, "wrong_type", wrong_type("배열", "a list"));
    return nullptr;
  }
  const auto& list = value->get_array();
  if (list.size() < least) {
    refuse(name, "too_few", at_least(least, "개", "entries are"));
    return nullptr;
  }
  if (list.size() > most) {
    refuse(name, "too_many", at_most(most, "개", "entries are"));
    return nullptr;
  }
  return &list;
}

std::vector<ObjectReader> ObjectReader::objects(std::string_view name, std::size_t least, std::size_t most) {
  std::vector<ObjectReader> readers;
  const auto* const list = take_list(name, least, most, true);
  if (list == nullptr) return readers;
  readers.reserve(list->size());
  for (const auto& entry : *list) {
    auto path = path_of(name) + "[" + std::to_string(&entry - list->data()) + "]";
    if (entry.is_object()) {
      readers.emplace_back(entry.get_object(), std::move(path));
    } else {
      note(std::move(path), "wrong_type", wrong_type("객체", "an object"));
    }
  }
  return readers;
}

std::vector<std::string> ObjectReader::texts(std::string_view name, std::size_t least, std::size_t most,
                                             TextRule rule, bool required) {
  std::vector<std::string> texts;
  const auto* const list = take_list(name, least, most, required);
  if (list == nullptr) return texts;
  for (const auto& entry : *list) {
    auto text = checked_text(path_of(name) + "[" + std::to_string(&entry - list->data()) + "]", entry, rule);
    if (text) texts.push_back(std::move(*text));
  }
  return texts;
}

void ObjectReader::finish() {
  for (const auto& member : *object_) {
    const std::string_view name{member.key().data(), member.key().size()};
    if (std::ranges::find(asked_, name) != asked_.end()) continue;
    note(path_of(name), "unknown_field", {"알 수 없는 필드입니다.", "This field is not known."});
  }
}

}  // namespace bongsu::http

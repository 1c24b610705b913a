#include "percent.hpp"

#include <bongsu/http/request.hpp>

#include <algorithm>

namespace bongsu::http {
namespace {

constexpr std::size_t kKeptBody = 64U << 10;
constexpr std::string_view kScheme = "Bearer ";

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) { return lower(x) == lower(y); });
}

struct QueryField {
  std::string_view name;
  std::string_view value;
};

/// Cuts the next name=value off the front; skips empty ones.
std::optional<QueryField> next_field(std::string_view& query) {
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto field = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (field.empty()) continue;
    const auto equals = std::min(field.find('='), field.size());
    return QueryField{field.substr(0, equals), field.substr(std::min(equals + 1, field.size()))};
  }
  return std::nullopt;
}

}  // namespace

std::string_view name_of(Method method) {
  switch (method) {
    case Method::kGet:
      return "GET";
    case Method::kHead:
      return "HEAD";
    case Method::kPost:
      return "POST";
    case Method::kPut:
      return "PUT";
    case Method::kPatch:
      return "PATCH";
    case Method::kDelete:
      return "DELETE";
    case Method::kOptions:
      return "OPTIONS";
    case Method::kOther:
      return "other";
  }
  return "other";
}

Request::Request(Method method, std::string_view target, std::string body) : body_(std::move(body)) {
  set(method, target);
}

void Request::set(Method method, std::string_view target) {
  method_ = method;
  target_ = target;
  path_length_ = std::min(target_.find('?'), target_.size());
}

void Request::clear() {
  method_ = Method::kOther;
  target_.clear();
  path_length_ = 0;
  header_text_.clear();
  headers_.clear();
  path_parameters_.clear();
  // One large body does not stay in memory for as long as its connection does.
  if (body_.capacity() > kKeptBody) body_ = {};
  body_.clear();
}

void Request::add_header(std::string_view name, std::string_view value) {
  const auto begin = static_cast<std::uint32_t>(header_text_.size());
  const auto name_length = static_cast<std::uint32_t>(name.size());
  const auto value_length = static_cast<std::uint32_t>(value.size());
  header_text_.append(name).append(value);
  headers_.push_back({{begin, name_length}, {begin + name_length, value_length}});
}

void Request::add_path_parameter(std::string_view name, std::string value) {
  path_parameters_.push_back({name, std::move(value)});
}

std::string_view Request::path_parameter(std::string_view name) const {
  const auto hit = std::ranges::find(path_parameters_, name, &PathParameter::name);
  return hit == path_parameters_.end() ? std::string_view{} : std::string_view{hit->value};
}

std::string_view Request::query_text() const {
  return std::string_view{target_}.substr(std::min(path_length_ + 1, target_.size()));
}

std::optional<std::string> Request::query(std::string_view name) const {
  auto rest = query_text();
  while (const auto field = next_field(rest)) {
    if (percent_decode(field->name, true) == name) return percent_decode(field->value, true);
  }
  return std::nullopt;
}

std::vector<std::string> Request::query_names() const {
  std::vector<std::string> names;
  auto rest = query_text();
  while (const auto field = next_field(rest)) {
    names.push_back(percent_decode(field->name, true).value_or(std::string{field->name}));
  }
  return names;
}

bool Request::query_is_valid() const {
  auto rest = query_text();
  while (const auto field = next_field(rest)) {
    if (!percent_decode(field->name, true) || !percent_decode(field->value, true)) return false;
  }
  return true;
}

std::optional<std::string_view> Request::header(std::string_view name) const {
  for (const auto& field : headers_) {
    if (same_name(at(field.name), name)) return at(field.value);
  }
  return std::nullopt;
}

std::optional<std::string_view> Request::bearer_token() const {
  const auto value = header("authorization");
  if (!value || value->size() <= kScheme.size() || !same_name(value->substr(0, kScheme.size()), kScheme)) {
    return std::nullopt;
  }
  const auto begin = value->find_first_not_of(' ', kScheme.size());
  return value->substr(std::min(begin, value->size()));
}

}  // namespace bongsu::http

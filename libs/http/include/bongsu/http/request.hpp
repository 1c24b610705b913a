#pragma once
#include <bongsu/http/language.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bongsu::http {

enum class Method : std::uint8_t { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions, kOther };
std::string_view name_of(Method method);

/// A request as the server hands it to a handler, or as a test makes it.
/// Views stay good for as long as the request does. Lifetime: until the handler's answer.
class Request {
 public:
  Request() = default;
  Request(Method method, std::string_view target, std::string body = {});

  Method method() const { return method_; }
  /// As it was sent, without the query: percent-encoded.
  std::string_view path() const { return std::string_view{target_}.substr(0, path_length_); }
  /// What the route calls {name}, decoded; empty if it does not.
  std::string_view path_parameter(std::string_view name) const;
  /// The first value of that name, decoded; "+" is a blank. Nothing too when it is not well encoded.
  std::optional<std::string> query(std::string_view name) const;
  /// All names in the query, decoded, in order: to refuse those that are not known.
  std::vector<std::string> query_names() const;
  /// Whether every name and value in the query is well encoded UTF-8.
  bool query_is_valid() const;

  /// The first value of that name, in any case; without blanks around it.
  std::optional<std::string_view> header(std::string_view name) const;
  /// The value of "Authorization: Bearer …".
  std::optional<std::string_view> bearer_token() const;
  Language language() const { return language_of(header("accept-language").value_or("")); }

  const std::string& body() const { return body_; }

  void set(Method method, std::string_view target);
  void add_header(std::string_view name, std::string_view value);
  void add_path_parameter(std::string_view name, std::string value);
  std::string& mutable_body() { return body_; }
  /// Forgets everything and keeps the memory.
  void clear();

 private:
  struct Span {
    std::uint32_t begin;
    std::uint32_t length;
  };
  struct HeaderField {
    Span name;
    Span value;
  };
  struct PathParameter {
    std::string_view name;  // of the route
    std::string value;
  };
  std::string_view at(Span span) const {
    return std::string_view{header_text_}.substr(span.begin, span.length);
  }
  std::string_view query_text() const;

  Method method_ = Method::kOther;
  std::string target_;
  std::size_t path_length_ = 0;
  std::string header_text_;
  std::vector<HeaderField> headers_;
  std::vector<PathParameter> path_parameters_;
  std::string body_;
};

}  // namespace bongsu::http

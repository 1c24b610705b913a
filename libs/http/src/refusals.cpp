#include "refusals.hpp"

#include <algorithm>

namespace bongsu::http {
namespace {

constexpr std::string_view kCharset = "charset=";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

bool same(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

/// Cuts what stands before ';' off the front, without blanks.
std::string_view take_part(std::string_view& text) {
  const auto end = std::min(text.find(';'), text.size());
  auto part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
  while (!part.empty() && part.back() == ' ') part.remove_suffix(1);
  return part;
}

}  // namespace

Problem malformed_request() {
  return invalid_request(
      FieldError{"",
                 "malformed",
                 {"HTTP/1.1 형식에 맞지 않는 요청입니다.", "The request is not well-formed HTTP/1.1."}});
}

Problem expectation_failed() {
  Problem problem = invalid_request(std::vector<FieldError>{});
  problem.status = 417;
  problem.code = "expectation_failed";
  problem.title = {"기대 조건 불가", "Expectation failed"};
  problem.message = {"Expect 헤더는 100-continue만 지원합니다.", "Only 100-continue can be expected."};
  return problem;
}

bool is_media_type(std::string_view content_type, std::string_view expected) {
  if (!same(take_part(content_type), expected)) return false;
  while (!content_type.empty()) {
    auto parameter = take_part(content_type);
    if (!same(parameter.substr(0, kCharset.size()), kCharset)) continue;
    parameter.remove_prefix(kCharset.size());
    if (parameter.size() > 1 && parameter.front() == '"')
      parameter = parameter.substr(1, parameter.size() - 2);
    if (!same(parameter, "utf-8")) return false;
  }
  return true;
}

}  // namespace bongsu::http

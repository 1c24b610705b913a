#include "field_errors.hpp"

#include <bongsu/core/assert.hpp>

#include <algorithm>

namespace bongsu::gateway {
namespace {

struct Words {
  std::string_view code;
  const char* korean;
  const char* english;
};

constexpr Words kWords[] = {
    {"required", "필수 항목입니다.", "This field is required."},
    {"too_long", "너무 깁니다.", "This is too long."},
    {"invalid_value", "허용되지 않는 값입니다.", "This is none of the allowed values."},
    {"unknown_field", "알 수 없는 항목입니다.", "This is not known."},
    {"not_positive", "0보다 커야 합니다.", "This must be above 0."},
    {"not_allowed", "여기에는 사용할 수 없습니다.", "This cannot be used here."},
    {"control_characters", "제어 문자는 사용할 수 없습니다.", "Control characters are not allowed."},
    {"invalid_email", "이메일 주소가 올바르지 않습니다.", "This is not an email address."},
    {"invalid_phone", "전화번호가 올바르지 않습니다.", "This is not a valid phone number."},
    {"invalid_name", "이름은 제어 문자 없이 1~100자여야 합니다.",
     "A name has 1 to 100 characters and no control characters."},
    {"invalid_date", "존재하지 않는 날짜입니다. 예: 1999-01-31", "This is not a date such as 1999-01-31."},
    {"invalid_time", "RFC 3339 시각이 아닙니다. 예: 2026-11-21T12:00:00+09:00",
     "This is not an RFC 3339 time such as 2026-11-21T12:00:00+09:00."},
    {"invalid_resident_number", "주민등록번호는 13자리 숫자여야 합니다.", "A resident number has 13 digits."},
    {"unknown_placeholder", "사용할 수 있는 치환자는 {{name}}뿐입니다.", "The only placeholder is {{name}}."},
    {"in_the_future", "미래의 날짜일 수 없습니다.", "This date lies in the future."},
    {"in_the_past", "이미 지난 시각입니다.", "This time has passed already."},
    {"mismatch", "주민등록번호의 생년월일과 다릅니다.",
     "This differs from the resident number's birth date."},
};

}  // namespace

http::Text words_for(std::string_view code) {
  const auto* hit =
      std::find_if(std::begin(kWords), std::end(kWords), [&](const Words& w) { return w.code == code; });
  require(hit != std::end(kWords), "a field error's code has no words");
  return {hit->korean, hit->english};
}

void FieldErrors::add(std::string_view field, std::string_view code) {
  const bool known =
      std::any_of(all_.begin(), all_.end(), [&](const auto& error) { return error.field == field; });
  if (known) return;
  all_.push_back({std::string{field}, std::string{code}, words_for(code)});
}

}  // namespace bongsu::gateway

// Apart from contact.cpp, because libphonenumber's headers are heavy.
#include "contact.hpp"

#include <phonenumbers/phonenumberutil.h>

namespace bongsu::gateway {
namespace {

constexpr std::size_t kMaxWritten = 40;  // E.164 has 15 digits; the rest is for signs between them

}  // namespace

Result<PhoneNumber> parse_phone(std::string_view text) {
  using i18n::phonenumbers::PhoneNumberUtil;
  const auto& plans = *PhoneNumberUtil::GetInstance();
  i18n::phonenumbers::PhoneNumber number;
  if (text.size() > kMaxWritten ||
      plans.Parse(std::string{text}, "KR", &number) != PhoneNumberUtil::NO_PARSING_ERROR ||
      !plans.IsValidNumber(number) || number.has_extension()) {
    return fail(ErrorCode::kInvalidArgument, "not a valid phone number");
  }
  std::string e164;
  plans.Format(number, PhoneNumberUtil::E164, &e164);
  return PhoneNumber{std::move(e164)};
}

}  // namespace bongsu::gateway

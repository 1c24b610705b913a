#include "member.hpp"

#include "contact.hpp"
#include "resident_number.hpp"

namespace bongsu::gateway {
namespace {

using Date = std::chrono::year_month_day;

std::optional<Date> check_resident_number(const std::optional<PrivateText>& number, FieldErrors& errors) {
  if (!number) return std::nullopt;
  const auto date = birth_date_of(*number);
  if (date) return *date;
  errors.add("residentNumber", date.error().detail == "date" ? "invalid_date" : "invalid_resident_number");
  return std::nullopt;
}

std::optional<Date> check_birth_date(const MemberDraft& draft, Date today, FieldErrors& errors) {
  const auto from_number = check_resident_number(draft.resident_number, errors);
  std::optional<Date> given;
  if (draft.birth_date) {
    if (const auto date = parse_date(*draft.birth_date)) {
      given = *date;
    } else {
      errors.add("birthDate", "invalid_date");
    }
  }
  if (given && *given > today) errors.add("birthDate", "in_the_future");
  if (from_number && *from_number > today) errors.add("residentNumber", "in_the_future");
  if (given && from_number && *given != *from_number) errors.add("birthDate", "mismatch");
  return given ? given : from_number;
}

}  // namespace

Member check(const MemberDraft& draft, Date today, FieldErrors& errors) {
  Member member{.consent_marketing = draft.consent_marketing, .consent_night = draft.consent_night};
  if (!draft.email || draft.email->empty()) {
    errors.add("email", "required");
  } else if (auto email = parse_email(*draft.email)) {
    member.email = std::move(*email);
  } else {
    errors.add("email", "invalid_email");
  }
  if (!draft.name || draft.name->empty()) {
    errors.add("name", "required");
  } else if (is_name(*draft.name)) {
    member.name = PersonName{*draft.name};
  } else {
    errors.add("name", "invalid_name");
  }
  if (draft.phone) {
    if (auto phone = parse_phone(*draft.phone)) {
      member.phone = std::move(*phone);
    } else {
      errors.add("phone", "invalid_phone");
    }
  }
  member.birth_date = check_birth_date(draft, today, errors);
  return member;
}

std::string fingerprint(const Member& member) {
  std::string all;
  for (const auto& field :
       {member.email.reveal(), member.name.reveal(), member.phone.reveal(),
        member.birth_date ? to_string(*member.birth_date) : std::string{},
        std::string{member.consent_marketing ? "m" : ""}, std::string{member.consent_night ? "n" : ""}}) {
    // A checked field holds no control characters, so this one tells them apart.
    all.append(field).push_back('\x1F');
  }
  return all;
}

}  // namespace bongsu::gateway

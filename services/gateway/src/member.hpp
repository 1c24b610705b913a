#pragma once
#include "field_errors.hpp"

#include <bongsu/core/private.hpp>
#include <bongsu/core/time.hpp>

#include <optional>
#include <string>

namespace bongsu::gateway {

/// A member as they, or an upstream service, wrote them: of the right types, nothing else is known.
struct MemberDraft {
  std::optional<std::string> email;
  std::optional<std::string> name;
  std::optional<std::string> phone;
  std::optional<PrivateText> resident_number;
  std::optional<std::string> birth_date;
  bool consent_marketing = false;
  bool consent_night = false;
};

/// A member that keeps every rule. Of a resident number nothing but the birth date is left.
struct Member {
  EmailAddress email;
  PersonName name;
  PhoneNumber phone;  ///< E.164; empty: none
  std::optional<std::chrono::year_month_day> birth_date;
  bool consent_marketing = false;
  bool consent_night = false;
};

/// Checks every field and adds all that is wrong to `errors`; the member counts only if nothing was
/// added. A birth date lies in the past (`today`, in Seoul), and must agree with the resident number's.
/// Pure.
Member check(const MemberDraft& draft, std::chrono::year_month_day today, FieldErrors& errors);

/// As of a message: what two signups have in common that ask for the same.
std::string fingerprint(const Member& member);

}  // namespace bongsu::gateway

#pragma once
#include "member.hpp"
#include "message.hpp"

#include <bongsu/http/json.hpp>

/// Bodies as they come: the right fields of the right types, or notes in the reader's errors.
namespace bongsu::gateway {

/// Reads and finishes `reader`.
MessageDraft read_message(http::ObjectReader& reader);
MemberDraft read_member(http::ObjectReader& reader);

/// A line of an import: a member, and what else it says of them.
struct ImportDraft {
  MemberDraft member;
  std::optional<std::string> user_id;
  std::optional<std::string> status;
  std::optional<bool> consent_marketing;
  std::optional<bool> consent_night;
};
ImportDraft read_import_line(http::ObjectReader& reader);

/// A message to an age group, as an administrator wrote it.
struct BulkDraft {
  std::optional<std::string> age_group;
  std::optional<std::string> message;
  std::optional<std::string> channel;
  std::optional<std::string> fallback;
  std::optional<std::string> purpose;
};
BulkDraft read_bulk(http::ObjectReader& reader);

}  // namespace bongsu::gateway

#pragma once
#include "member.hpp"
#include "message.hpp"

#include <bongsu/http/json.hpp>

/// Bodies as they come: the right fields of the right types, or notes in the reader's errors.
namespace bongsu::gateway {

/// Reads and finishes `reader`.
MessageDraft read_message(http::ObjectReader& reader);
MemberDraft read_member(http::ObjectReader& reader);

}  // namespace bongsu::gateway

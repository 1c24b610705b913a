#include "drafts.hpp"

#include <limits>

namespace bongsu::gateway {
namespace {

/// How long a text may be is a rule of message.hpp and member.hpp: bodies are not the only way in.
constexpr http::TextRule kAnyText{.min = 0,
                                  .max = std::numeric_limits<std::size_t>::max(),
                                  .max_bytes = std::numeric_limits<std::size_t>::max()};

}  // namespace

MessageDraft read_message(http::ObjectReader& reader) {
  MessageDraft draft;
  draft.client_message_id = reader.optional_text("clientMessageId", kAnyText);
  draft.channel = reader.optional_text("channel", kAnyText);
  draft.recipient = reader.optional_text("recipient", kAnyText);
  draft.subject = reader.optional_text("subject", kAnyText);
  draft.content = reader.optional_text("content", kAnyText);
  draft.purpose = reader.optional_text("purpose", kAnyText);
  draft.expires_at = reader.optional_text("expiresAt", kAnyText);
  if (auto fallback = reader.object("fallback", false)) {
    draft.fallback = MessageDraft::Fallback{.channel = fallback->optional_text("channel", kAnyText),
                                            .recipient = fallback->optional_text("recipient", kAnyText)};
    fallback->finish();
    reader.add_errors_of(*fallback);
  }
  reader.finish();
  return draft;
}

MemberDraft read_member(http::ObjectReader& reader) {
  MemberDraft draft;
  draft.email = reader.optional_text("email", kAnyText);
  draft.name = reader.optional_text("name", kAnyText);
  draft.phone = reader.optional_text("phone", kAnyText);
  draft.birth_date = reader.optional_text("birthDate", kAnyText);
  if (auto number = reader.optional_text("residentNumber", kAnyText)) {
    draft.resident_number = PrivateText{std::move(*number)};
  }
  if (auto consents = reader.object("consents", false)) {
    draft.consent_marketing = consents->boolean("marketing", false).value_or(false);
    draft.consent_night = consents->boolean("night", false).value_or(false);
    consents->finish();
    reader.add_errors_of(*consents);
  }
  reader.finish();
  return draft;
}

}  // namespace bongsu::gateway

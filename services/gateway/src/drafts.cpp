#include "drafts.hpp"

#include <limits>

namespace bongsu::gateway {
namespace {

/// How long a text may be is a rule of message.hpp and member.hpp: bodies are not the only way in.
constexpr http::TextRule kAnyText{.min = 0,
                                  .max = std::numeric_limits<std::size_t>::max(),
                                  .max_bytes = std::numeric_limits<std::size_t>::max()};

struct Consents {
  std::optional<bool> marketing;
  std::optional<bool> night;
};

Consents read_consents(http::ObjectReader& reader) {
  Consents given;
  if (auto consents = reader.object("consents", false)) {
    given = {.marketing = consents->boolean("marketing", false), .night = consents->boolean("night", false)};
    consents->finish();
    reader.add_errors_of(*consents);
  }
  return given;
}

MemberDraft read_person(http::ObjectReader& reader) {
  MemberDraft draft;
  draft.email = reader.optional_text("email", kAnyText);
  draft.name = reader.optional_text("name", kAnyText);
  draft.phone = reader.optional_text("phone", kAnyText);
  draft.birth_date = reader.optional_text("birthDate", kAnyText);
  if (auto number = reader.optional_text("residentNumber", kAnyText)) {
    draft.resident_number = PrivateText{std::move(*number)};
  }
  return draft;
}

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
  auto draft = read_person(reader);
  const auto consents = read_consents(reader);
  draft.consent_marketing = consents.marketing.value_or(false);
  draft.consent_night = consents.night.value_or(false);
  reader.finish();
  return draft;
}

ImportDraft read_import_line(http::ObjectReader& reader) {
  ImportDraft draft;
  draft.member = read_person(reader);
  draft.user_id = reader.optional_text("userId", kAnyText);
  draft.status = reader.optional_text("status", kAnyText);
  const auto consents = read_consents(reader);
  draft.consent_marketing = consents.marketing;
  draft.consent_night = consents.night;
  reader.finish();
  return draft;
}

BulkDraft read_bulk(http::ObjectReader& reader) {
  BulkDraft draft;
  draft.age_group = reader.optional_text("ageGroup", kAnyText);
  draft.message = reader.optional_text("message", kAnyText);
  draft.channel = reader.optional_text("channel", kAnyText);
  draft.fallback = reader.optional_text("fallback", kAnyText);
  draft.purpose = reader.optional_text("purpose", kAnyText);
  reader.finish();
  return draft;
}

}  // namespace bongsu::gateway

#include "signup_intake.hpp"

#include "contact.hpp"
#include "halving.hpp"

#include <bongsu/core/bytes.hpp>
#include <bongsu/events/cloud_events.hpp>
#include <bongsu/events/codec.hpp>
#include <bongsu/events/event_types.hpp>
#include <bongsu/events/reasons.hpp>
#include <bongsu/events/v1/user.pb.h>

#include <unordered_set>

namespace bongsu::gateway {
namespace {

namespace v1 = events::v1;
namespace reason = events::reason;

std::optional<std::string> given(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional{text};
}

/// The fields that break a rule, by name: "email, phone".
std::string names_of(const FieldErrors& errors) {
  std::string names;
  for (const auto& error : errors.all())
    names += (names.empty() ? "" : ", ") + error.field + " (" + error.code + ")";
  return names;
}

/// The event with what it says of a person in a sealed box.
std::string seal(const SignupIntakeParts& parts, v1::UserSignedUp event) {
  Member as_written{.email = EmailAddress{event.email()},
                    .name = PersonName{event.name()},
                    .phone = PhoneNumber{event.phone()}};
  if (const auto date = parse_date(event.birth_date())) as_written.birth_date = *date;
  event.set_sealed(parts.events.seal(as_written, record_id_of(event.user_id())));
  event.clear_email();
  event.clear_name();
  event.clear_phone();
  event.clear_birth_date();
  return events::encode(event);
}

intake::Unusable invalid(const SignupIntakeParts& parts, const v1::UserSignedUp& event, std::string why) {
  return {.reason = reason::kInvalidRequest, .message = std::move(why), .sealed_value = seal(parts, event)};
}

MemberDraft draft_of(const v1::UserSignedUp& event) {
  return {.email = given(event.email()),
          .name = given(event.name()),
          .phone = given(event.phone()),
          .resident_number = {},
          .birth_date = given(event.birth_date()),
          .consent_marketing = event.consents().marketing(),
          .consent_night = event.consents().night()};
}

/// The users ids of `members` that are members now, be it by this or an earlier record.
asio::awaitable<Result<std::unordered_set<std::string>>> insert(postgres::Pool& pool,
                                                                std::vector<const UpstreamMember*> members) {
  static constexpr std::string_view kInsert =
      "INSERT INTO member (user_id, email_hash, sealed, birth_date, consent_marketing, consent_night, locale,"
      "                    signed_up_at, has_phone) "
      "SELECT * FROM unnest($1::text[], $2::uuid[], $3::bytea[], $4::date[], $5::boolean[], $6::boolean[], "
      "$7::text[],"
      "                     $8::timestamptz[], $9::boolean[]) ON CONFLICT DO NOTHING";
  static constexpr std::string_view kFind = "SELECT user_id FROM member WHERE user_id = ANY($1::text[])";
  // One order for all who write members, so that two never wait for each other.
  std::sort(members.begin(), members.end(),
            [](const auto* a, const auto* b) { return a->email_hash < b->email_hash; });
  std::vector<std::string> ids, locales;
  std::vector<Uuid> hashes;
  std::vector<postgres::Bytes> sealed;
  std::vector<std::optional<std::chrono::year_month_day>> birth_dates;
  std::vector<std::optional<bool>> marketing, night, has_phone;
  std::vector<Timestamp> times;
  for (const auto* one : members) {
    ids.push_back(one->signup.user_id);
    hashes.push_back(one->email_hash);
    sealed.push_back({one->sealed});
    birth_dates.push_back(one->member.birth_date);
    marketing.emplace_back(one->member.consent_marketing);
    night.emplace_back(one->member.consent_night);
    has_phone.emplace_back(!one->member.phone.empty());
    locales.push_back(one->signup.locale);
    times.push_back(one->signup.at);
  }
  const auto written = co_await pool.query(
      kInsert,
      postgres::Params::of(ids, hashes, sealed, birth_dates, marketing, night, locales, times, has_phone));
  if (!written) co_return std::unexpected(written.error());
  const auto rows = co_await pool.query(kFind, postgres::Params::of(ids));
  if (!rows) co_return std::unexpected(rows.error());
  std::unordered_set<std::string> known;
  for (std::size_t row = 0; row < rows->size(); ++row) known.insert(rows->get<std::string>(row, 0));
  co_return known;
}

}  // namespace

Uuid record_id_of(std::string_view user_id) {
  const auto id = Uuid::parse(user_id);
  return id ? *id : Uuid::v8(Timestamp{}, "user/" + std::string{user_id});
}

intake::Usable<std::optional<UpstreamMember>> read_signup(const SignupIntakeParts& parts,
                                                          const kafka::Message& record) {
  auto event = intake::decode<v1::UserSignedUp>(record, events::type::kUserSignedUp);
  if (!event) return std::unexpected(std::move(event.error()));
  if (!event->sealed().empty()) return std::nullopt;  // only we hold the keys

  FieldErrors errors;
  auto member = check(draft_of(*event), date_in_seoul(parts.clock.now()), errors);
  if (!is_user_id(event->user_id())) errors.add("userId", "invalid_value");
  const auto at = events::from_proto(event->signed_up_at());
  if (!event->has_signed_up_at() || !at) errors.add("signedUpAt", "required");
  if (!errors.none())
    return std::unexpected(invalid(parts, *event, "these fields break a rule: " + names_of(errors)));

  UpstreamMember found{
      .signup = {.user_id = event->user_id(), .at = *at, .locale = event->locale() == "en" ? "en" : "ko"},
      .member = std::move(member),
      .email_hash = {},
      .sealed = {}};
  found.email_hash = parts.fingerprints.email(email_identity(found.member.email));
  found.sealed = parts.events.seal(found.member, record_id_of(found.signup.user_id));
  return found;
}

asio::awaitable<Result<std::vector<intake::DeadLetter>>> take_signups(
    const SignupIntakeParts& parts, const std::vector<kafka::Message>& records) {
  std::vector<intake::DeadLetter> letters;
  std::vector<UpstreamMember> members;
  std::vector<std::size_t> places;
  for (std::size_t place = 0; place < records.size(); ++place) {
    auto read = read_signup(parts, records[place]);
    if (!read) {
      letters.push_back(intake::letter_of(records[place], std::move(read.error()), parts.group));
    } else if (*read) {
      members.push_back(std::move(**read));
      places.push_back(place);
    }
  }
  auto write = [&](Range range) -> asio::awaitable<Result<std::vector<std::optional<Error>>>> {
    std::vector<const UpstreamMember*> part;
    for (auto i = range.first; i < range.last; ++i) part.push_back(&members[i]);
    const auto known = co_await insert(parts.pool, std::move(part));
    if (!known) co_return std::unexpected(known.error());
    std::vector<std::optional<Error>> answers(range.size());
    for (auto i = range.first; i < range.last; ++i) {
      if (known->contains(members[i].signup.user_id)) continue;
      answers[i - range.first] =
          Error{.code = ErrorCode::kInvalidArgument, .message = "another member has this address"};
    }
    co_return answers;
  };
  auto alone = [](std::size_t, const Error& error) { return std::optional{error}; };
  const auto answers = co_await write_halving<std::optional<Error>>(members.size(), write, alone);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i]) continue;
    if (answers[i]->code != ErrorCode::kInvalidArgument) co_return std::unexpected(*answers[i]);
    const auto& record = records[places[i]];
    const auto event = intake::decode<v1::UserSignedUp>(record, events::type::kUserSignedUp);
    letters.push_back(intake::letter_of(record, invalid(parts, *event, answers[i]->message), parts.group));
  }
  co_return letters;
}

}  // namespace bongsu::gateway

#pragma once
#include "letter.hpp"

#include <bongsu/core/private.hpp>
#include <bongsu/events/topics.hpp>
#include <bongsu/kafka/record.hpp>
#include <bongsu/security/sealed_box.hpp>

/// What a replay sends. Pure but for the chance in a sealed box.
namespace bongsu::deadletters {

/// Whether `message` is still the letter's record: a topic may have been made anew.
bool is_record_of(const Letter& letter, const kafka::Message& message);

/// The letter's bytes and key for its channel's replay topic, and whatever headers it came with; of ours only
/// what a new generation needs. What nobody could decode goes out unchanged as well. `letter.channel` is
/// there.
kafka::Record replay_record(const events::Topics& topics, const Letter& letter, kafka::Message message,
                            const Uuid& replay, std::int32_t generation);

/// Whom a repaired letter goes to, bound to its replay and letter.
std::string seal_recipient(const Recipient& recipient, const Uuid& replay, const Uuid& letter,
                           const security::SealedBox& box, Random& random);
/// Errors: as SealedBox::open().
Result<Recipient> open_recipient(std::string_view sealed, const Uuid& replay, const Uuid& letter,
                                 const security::SealedBox& box);

/// The request's bytes for another recipient: everything else stays, and the provider sees the key `id.rN`
/// with N the generation. Errors: kInvalidArgument, kNotFound: the request cannot be opened.
Result<std::string> repaired(std::string_view value, const Recipient& recipient, std::int32_t generation,
                             const security::SealedBox& box, Random& random);

/// Whether the channel can send to it at all. Errors: kInvalidArgument, telling what to write.
Result<void> check_recipient(events::Channel channel, const Recipient& recipient);

}  // namespace bongsu::deadletters

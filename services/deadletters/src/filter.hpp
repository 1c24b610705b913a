#pragma once
#include "letter.hpp"

#include <bongsu/rpc/failure.hpp>
#include <bongsu/security/keyed_hash.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace bongsu::deadletters {

/// Errors: INVALID_ARGUMENT, naming every field that is wrong. Pure.
rpc::Answer<Query> read_filter(const v1::Filter& filter, const security::KeyedHash& hash);

/// "deadLetters/{id}", or the id alone. Errors: INVALID_ARGUMENT.
rpc::Answer<Uuid> read_letter_name(std::string_view name, const std::string& field = "name");
/// As many as `names`, at most 10,000. Errors: INVALID_ARGUMENT.
rpc::Answer<std::vector<Uuid>> read_letter_names(
    const google::protobuf::RepeatedPtrField<std::string>& names);

std::string name_of_letter(const Uuid& id);

}  // namespace bongsu::deadletters

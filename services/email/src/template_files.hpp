#pragma once
#include <bongsu/core/error.hpp>

#include <map>
#include <string>

namespace bongsu::email {

/// The templates by their file names: "welcome.ko.subject.txt".
using TemplateFiles = std::map<std::string, std::string>;

/// Those of services/email/templates as they were at build time.
TemplateFiles built_in_templates();

/// Every file of `folder`. Errors: kNotFound, kUnavailable, with the path.
Result<TemplateFiles> read_templates(const std::string& folder);

}  // namespace bongsu::email

#include "template_files.hpp"

#include <bongsu/core/bytes.hpp>

#include <filesystem>
#include <system_error>

#include <fmt/format.h>

namespace bongsu::email {

Result<TemplateFiles> read_templates(const std::string& folder) {
  TemplateFiles files;
  std::error_code trouble;
  for (std::filesystem::directory_iterator entry{folder, trouble}, end; !trouble && entry != end;
       entry.increment(trouble)) {
    if (!entry->is_regular_file()) continue;
    auto text = read_file(entry->path().string());
    if (!text) return std::unexpected(std::move(text.error()));
    files.emplace(entry->path().filename().string(), std::move(*text));
  }
  if (trouble) return fail(ErrorCode::kNotFound, fmt::format("templates: {}: {}", folder, trouble.message()));
  return files;
}

}  // namespace bongsu::email

# Puts the files of templates/ into the binary, as built_in_templates() of template_files.hpp.
file(GLOB templates CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/templates/*)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${templates})
set(embedded "#include \"template_files.hpp\"\nnamespace bongsu::email {\nTemplateFiles built_in_templates() {\n  return {\n")
foreach(template IN LISTS templates)
  get_filename_component(name ${template} NAME)
  # A semicolon would be a list's separator, brackets would hide it: as bytes they are plain text.
  file(READ ${template} bytes HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" bytes "${bytes}")
  string(APPEND embedded "    {\"${name}\", \"${bytes}\"},\n")
endforeach()
string(APPEND embedded "  };\n}\n}  // namespace bongsu::email\n")
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/built_in_templates.cpp CONTENT "${embedded}" @ONLY ESCAPE_QUOTES)
target_sources(bongsu_email_parts PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/built_in_templates.cpp)

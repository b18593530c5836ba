# What `cmake --install` puts where, and the packages that cpack makes of it. The component sdk is said in
# sdk/CMakeLists.txt; rondom is the program with its plugin host, its plugins, examples and documentation.
install(TARGETS rondom RUNTIME DESTINATION bin COMPONENT rondom)
install(TARGETS rondom-plugin-host generate-demo RUNTIME DESTINATION libexec/rondom COMPONENT rondom)
install(DIRECTORY configs/examples configs/demo configs/sandbox DESTINATION share/rondom/configs COMPONENT rondom
        USE_SOURCE_PERMISSIONS
        PATTERN CMakeLists.txt EXCLUDE PATTERN generator EXCLUDE PATTERN run.sh EXCLUDE
        PATTERN var EXCLUDE PATTERN out EXCLUDE)
install(DIRECTORY docs/guide docs/reference docs/connectors DESTINATION share/doc/rondom COMPONENT rondom
        PATTERN "*.py" EXCLUDE PATTERN __pycache__ EXCLUDE)
install(FILES README.md CHANGELOG.md DESTINATION share/doc/rondom COMPONENT rondom)
install(FILES LICENSE DESTINATION share/doc/rondom RENAME copyright COMPONENT rondom)

# A manifest holds the sum of the library's bytes, which stripping changes: it is written where the library is put.
file(GLOB plugin_folders ${CMAKE_SOURCE_DIR}/plugins/*/CMakeLists.txt)
foreach(plugin_list ${plugin_folders})
  get_filename_component(plugin_folder ${plugin_list} DIRECTORY)
  get_filename_component(plugin ${plugin_folder} NAME)
  install(TARGETS ${plugin} LIBRARY DESTINATION ${RONDOM_PLUGIN_INSTALL_DIRECTORY} COMPONENT rondom)
  if(IS_DIRECTORY ${plugin_folder}/preset)
    install(DIRECTORY ${plugin_folder}/preset/ COMPONENT rondom
            DESTINATION ${RONDOM_PLUGIN_INSTALL_DIRECTORY}/${plugin}.presets)
  endif()
  install(CODE "execute_process(COMMAND_ERROR_IS_FATAL ANY COMMAND \"$<TARGET_FILE:rondom-plugin-host>\" --manifest
    \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${RONDOM_PLUGIN_INSTALL_DIRECTORY}/${plugin}.so\")" COMPONENT rondom)
endforeach()

# Packages: `cpack --config BUILD/CPackConfig.cmake`.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME rondom)
set(CPACK_PACKAGE_CONTACT "The Rondom authors <rondom@example.org>")
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/packages)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL sdk)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_COMPONENT_SDK_DESCRIPTION "Headers and CMake package for connectors of Rondom
 A connector reads records from a system or delivers people to it. With this package, a C++20 compiler and CMake
 it is written and built; testing it needs the package rondom.")
set(CPACK_DEBIAN_SDK_PACKAGE_NAME rondom-sdk-dev)
set(CPACK_DEBIAN_SDK_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_SDK_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_SDK_PACKAGE_RECOMMENDS "cmake (>= 3.25), g++ (>= 4:12) | clang-14")
set(CPACK_DEBIAN_SDK_PACKAGE_SUGGESTS rondom)
set(CPACK_DEBIAN_SDK_FILE_NAME rondom-sdk-dev_${RONDOM_SDK_VERSION}_all.deb)
set(CPACK_DEBIAN_SDK_PACKAGE_VERSION ${RONDOM_SDK_VERSION})
include(CPack)

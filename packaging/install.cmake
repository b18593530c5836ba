# What `cmake --install` puts where. The component sdk is said in sdk/CMakeLists.txt; rondom is the program with its
# plugin host, its plugins, examples and documentation; service is what makes a machine run it. package.cmake makes
# packages of them.
install(TARGETS rondom RUNTIME DESTINATION bin COMPONENT rondom)
install(TARGETS rondom-plugin-host generate-demo RUNTIME DESTINATION libexec/rondom COMPONENT rondom)
install(DIRECTORY configs/examples configs/demo configs/sandbox DESTINATION share/rondom/configs COMPONENT rondom
        USE_SOURCE_PERMISSIONS
        PATTERN CMakeLists.txt EXCLUDE PATTERN generator EXCLUDE PATTERN run.sh EXCLUDE
        PATTERN var EXCLUDE PATTERN out EXCLUDE)
install(DIRECTORY docs/guide docs/reference docs/connectors DESTINATION share/doc/rondom COMPONENT rondom
        PATTERN "*.py" EXCLUDE PATTERN __pycache__ EXCLUDE)
install(FILES README.md CHANGELOG.md DESTINATION share/doc/rondom COMPONENT rondom)
install(FILES packaging/debian/copyright DESTINATION share/doc/rondom COMPONENT rondom)

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

# Only by `--component service`: it has files with places of their own, whatever the prefix. packaging/files.py makes
# those of RONDOM_PACKAGE_FILES from the program.
set(RONDOM_PACKAGE_FILES ${CMAKE_BINARY_DIR}/package-files)
macro(install_for_service)
  install(FILES ${ARGN} COMPONENT service EXCLUDE_FROM_ALL)
endmacro()
install_for_service(packaging/systemd/rondom.service DESTINATION lib/systemd/system)
install_for_service(packaging/systemd/sysusers.conf DESTINATION lib/sysusers.d RENAME rondom.conf)
install_for_service(packaging/systemd/tmpfiles.conf DESTINATION lib/tmpfiles.d RENAME rondom.conf)
install_for_service(packaging/etc/rondom.yaml DESTINATION /etc/rondom)
install_for_service(packaging/grafana/rondom.json DESTINATION share/rondom/grafana)
install_for_service(packaging/alerts/rondom.rules.yaml DESTINATION share/rondom/alerts)
install_for_service(${RONDOM_PACKAGE_FILES}/rondom.1.gz DESTINATION share/man/man1)
install_for_service(${RONDOM_PACKAGE_FILES}/rondom.yaml.5.gz DESTINATION share/man/man5)
install_for_service(${RONDOM_PACKAGE_FILES}/completion.bash DESTINATION share/bash-completion/completions RENAME rondom)
install_for_service(${RONDOM_PACKAGE_FILES}/completion.zsh DESTINATION share/zsh/vendor-completions RENAME _rondom)
install_for_service(${RONDOM_PACKAGE_FILES}/completion.fish DESTINATION share/fish/vendor_completions.d RENAME rondom.fish)
install_for_service(${RONDOM_PACKAGE_FILES}/changelog.gz ${RONDOM_PACKAGE_FILES}/rondom/changelog.Debian.gz
                    DESTINATION share/doc/rondom)
install_for_service(packaging/debian/lintian-overrides DESTINATION share/lintian/overrides RENAME rondom)
# What Debian wants beside the SDK's own files.
install(FILES ${RONDOM_PACKAGE_FILES}/rondom-sdk-dev/changelog.Debian.gz DESTINATION share/doc/rondom-sdk-dev
        COMPONENT sdk_package EXCLUDE_FROM_ALL)
install(FILES packaging/debian/sdk-lintian-overrides DESTINATION share/lintian/overrides RENAME rondom-sdk-dev
        COMPONENT sdk_package EXCLUDE_FROM_ALL)

include(packaging/package.cmake)

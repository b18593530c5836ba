"""What tests of a destination that people subscribe to have in common: records of a CRM with their consents, the
job that reads them, and an audience that leaves somebody out."""


def person(number, consent="yes", **more):
    return {"id": f"p{number}", "given": "Anna", "surname": f"Bakker{number}", "email": f"anna{number}@example.com",
            "consent": consent, "changed": "2026-01-01T00:00:00Z", "city": "Utrecht", "points": 5, **more}


def write_people(project, job="crm"):
    """The job that reads data/*.jsonl, and the audience not_vip."""
    project.write(f"jobs/{job}.yaml", f"""
        job: {job}
        source: crm
        streams:
          - stream: people
            options: {{ path: "*.jsonl" }}
            entity: person
            key: .id
            cursor: .changed
            map:
              name.given: .given
              name.surname: .surname
              email: .email
              custom.city: .city
              custom.code: .code
              custom.number: .id
              custom.points: .points
              custom.vip: .vip
              consents:
                - {{ when: .consent == "yes", purpose: news, channel: email, status: granted, at: .changed }}
                - {{ when: .consent == "no", purpose: news, channel: email, status: withdrawn, at: .changed }}
        """)
    project.write("audiences/not_vip.yaml", """
        audience: not_vip
        all:
          - .custom.vip == null
        """)

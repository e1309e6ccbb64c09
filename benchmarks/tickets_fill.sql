INSERT INTO tickets (number, kind, state, revision, urgency, channel, conversation, draft, description, place, street,
    requester_name, requester_phone, requester_phone_hash, confidential, category, lead, called, returns, reworks,
    extensions, created_at, promised_at, step_due, clocks, active_at, updated_at, closed_at)
SELECT 'B' || n, (ARRAY['complaint', 'help', 'consultation', 'suggestion', 'praise'])[1 + n % 5],
    CASE WHEN n % 50 = 0 THEN (ARRAY['submitted', 'dispatched', 'accepted', 'in_progress', 'replied', 'callback'])[1 + n / 50 % 6]
        ELSE 'resolved' END,
    5, 'normal', 'widget', 'conversation-' || n, 'stored-' || n, CAST(:description AS bytea),
    CAST(:sealed AS bytea), '街道' || n % 20, CAST(:sealed AS bytea), CAST(:sealed AS bytea),
    md5(n::text) || md5(n::text), false, '类别' || n % 40, 'unit-' || n * 7 % :units, 'unit-' || n * 7 % :units, 0, 0, 0,
    registered, registered + interval '14 days', CASE WHEN n % 50 = 0 THEN registered + interval '10 days' END,
    json_build_object('promise', json_build_object('term', 'promise', 'calendar', 'office', 'rule', '',
        'started_at', to_char(registered, 'YYYY-MM-DD"T"HH24:MI:SS+00:00'),
        'due_at', to_char(registered + interval '14 days', 'YYYY-MM-DD"T"HH24:MI:SS+00:00'), 'paused_at', null,
        'paused_until', null, 'paused', 0, 'extensions', 0, 'unknown_years', json_build_array())),
    registered, registered + CASE WHEN n % 50 = 0 THEN interval '1 hour' ELSE interval '7 days' END,
    CASE WHEN n % 50 <> 0 THEN registered + interval '7 days' END
FROM (SELECT n, now() - interval '730 days' * (:newest - n) / (:newest - :oldest) AS registered
    FROM generate_series(CAST(:first AS integer), CAST(:last AS integer)) AS n) AS stored;
INSERT INTO ticket_timeline (ticket_id, at, actor, unit, verb, source, target, note, details)
SELECT tickets.id, tickets.created_at + step.after, 'agent', tickets.lead, step.verb, step.source, step.target, tickets.place,
    CASE step.verb WHEN 'submit' THEN json_build_object('clocks', json_build_object('promise',
            json_build_array(null, tickets.clocks -> 'promise' ->> 'due_at')))
        WHEN 'dispatch' THEN json_build_object('unit', tickets.lead,
            'step_due', to_char(tickets.created_at + interval '1 day', 'YYYY-MM-DD"T"HH24:MI:SS+00:00')) END
FROM tickets, (VALUES ('submit', NULL, 'submitted', interval '0'), ('dispatch', 'submitted', 'dispatched', interval '1 hour'),
    ('accept', 'dispatched', 'accepted', interval '20 hours'), ('reply', 'accepted', 'replied', interval '5 days'),
    ('approve', 'replied', 'callback', interval '6 days'), ('resolve', 'callback', 'resolved', interval '7 days'))
    AS step (verb, source, target, after)
WHERE tickets.draft IN (SELECT 'stored-' || n FROM generate_series(CAST(:first AS integer), CAST(:last AS integer)) AS n)
    AND (tickets.closed_at IS NOT NULL OR step.verb IN ('submit', 'dispatch'));
INSERT INTO ticket_surveys (ticket_id, at, asked_by, unit, solved, satisfaction)
SELECT tickets.id, tickets.closed_at, 'agent', tickets.lead, tickets.id % 9 <> 0, 1 + tickets.id % 5
FROM tickets WHERE tickets.closed_at IS NOT NULL
    AND tickets.draft IN (SELECT 'stored-' || n FROM generate_series(CAST(:first AS integer), CAST(:last AS integer)) AS n);
